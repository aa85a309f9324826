//! The sample deliveries of `events/`, byte for byte.

use std::path::{Path, PathBuf};

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
#[must_use]
pub fn route(name: &str) -> &'static str {
    let starts = |prefix: &str| name.starts_with(prefix);
    if starts("onsip-app") {
        "/webhooks/onsip/app"
    } else if starts("onsip") {
        "/webhooks/onsip/call"
    } else if starts("opentact-call") || starts("opentact-bare-call") {
        "/webhooks/opentact/call"
    } else if ["opentact-sms", "opentact-bare-sms", "opentact-message"].into_iter().any(starts) {
        "/webhooks/opentact/sms"
    } else {
        "/webhooks/opentact/account"
    }
}
