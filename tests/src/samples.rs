//! The sample deliveries of `events/`, byte for byte.

use std::path::{Path, PathBuf};

use shared::ingest::{ROUTES, Route};
use shared::name::Provider;

/// The folder of the samples.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

/// One sample's bytes, by its file's name without `.json`.
///
/// # Panics
/// When there is no such file.
#[must_use]
pub fn sample(name: &str) -> Vec<u8> {
    let path = folder().join(format!("{name}.json"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of all samples, sorted.
///
/// # Panics
/// When the folder can't be read.
#[must_use]
pub fn names() -> Vec<String> {
    let files = std::fs::read_dir(folder()).expect("events/");
    let name = |path: PathBuf| Some(path.file_name()?.to_str()?.strip_suffix(".json")?.to_owned());
    let mut names: Vec<_> = files.filter_map(|file| name(file.expect("events/").path())).collect();
    names.sort();
    names
}

/// Where a provider would deliver that sample.
///
/// # Panics
/// When the name begins with no provider's.
#[must_use]
pub fn route(name: &str) -> &'static str {
    let (provider, shape) = name.split_once('-').expect("a sample bears its provider's name");
    let provider: Provider = provider.parse().expect("a provider");
    let one_of = |prefixes: &[&str]| prefixes.iter().any(|prefix| shape.starts_with(prefix));
    let function = match provider {
        Provider::Onsip if one_of(&["app"]) => "app",
        Provider::Onsip => "call",
        Provider::Opentact if one_of(&["call", "bare-call"]) => "call",
        Provider::Opentact if one_of(&["sms", "bare-sms", "message"]) => "sms",
        Provider::Opentact => "account",
    };
    let leads = |route: &&Route| route.provider == provider && route.function == function;
    ROUTES.iter().find(leads).expect("a route").path
}
