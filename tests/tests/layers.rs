//! Within `shared` and `local`, a module uses only the modules that `lib.rs` names above it; and what stands in for others
//! is in no function.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::path::{Path, PathBuf};

fn source(krate: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(krate).join("src")
}

/// The modules in the order of `lib.rs`.
fn order(source: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(source.join("lib.rs")).unwrap();
    let module = |line: &str| {
        let name = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod "))?;
        Some(name.strip_suffix(';')?.to_owned())
    };
    text.lines().filter_map(module).collect()
}

/// All source files below the folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The module of the crate that a file belongs to.
fn module(file: &Path, source: &Path) -> String {
    let path = file.strip_prefix(source).unwrap();
    path.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// The modules that a file uses, its tests and comments left out: tests borrow samples from wherever they are.
fn used(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let product = text.split("#[cfg(test)]").next().unwrap();
    let code = product.lines().filter(|line| !line.trim_start().starts_with("//"));
    let name = |path: &str| path.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap().to_owned();
    code.flat_map(|line| line.split("crate::").skip(1).map(name)).collect()
}

/// How many imports were looked at, and those against the order.
fn against_the_order(krate: &str) -> (usize, Vec<String>) {
    let source = source(krate);
    let order = order(&source);
    let place = |name: &str| order.iter().position(|module| module == name);
    let (mut checked, mut against) = (0, Vec::new());
    for file in files(&source) {
        let own = module(&file, &source);
        if ["lib", "main"].contains(&own.as_str()) || file.ends_with("tests.rs") {
            continue;
        }
        for name in used(&file) {
            checked += 1;
            // What is no module of its own in lib.rs, as a list in braces, is as wrong as one below.
            if place(&name).is_none() || place(&name) > place(&own) {
                against.push(format!("{} uses {name}", file.display()));
            }
        }
    }
    (checked, against)
}

#[test]
fn a_module_uses_only_those_above_it() {
    for (krate, least) in [("shared", 100), ("local", 30)] {
        let (checked, against) = against_the_order(krate);
        assert!(checked > least, "{krate}: only {checked} imports were found");
        assert_eq!(against, Vec::<String>::new());
    }
}

/// What a crate links, with what these link, by its manifests.
fn linked(manifest: &Path, names: &mut Vec<String>) {
    let text = std::fs::read_to_string(manifest).unwrap();
    let dependencies = text.split("\n[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    for name in dependencies.lines().filter_map(|line| line.split(['.', ' ', '=']).next()) {
        names.push(name.to_owned());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for own in [root.join(name), root.join("functions").join(name)] {
            if own.join("Cargo.toml").exists() {
                linked(&own.join("Cargo.toml"), names);
            }
        }
    }
}

#[test]
fn no_function_links_a_stand_in() {
    let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
    let manifests = files(&functions).into_iter().filter(|file| file.ends_with("Cargo.toml"));
    for manifest in manifests {
        let mut names = Vec::new();
        linked(&manifest, &mut names);
        assert!(names.contains(&"shared".to_owned()), "{}: {names:?}", manifest.display());
        let stand_ins: Vec<_> = names.iter().filter(|name| ["local", "onsip-api"].contains(&name.as_str())).collect();
        assert!(stand_ins.is_empty(), "{} links {stand_ins:?}", manifest.display());
    }
}

/// `SECURITY.md` names the tests that hold each answer.
#[test]
fn every_test_that_the_security_document_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = std::fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let names: Vec<_> = document.split('`').skip(1).step_by(2).filter(|text| text.matches('_').count() > 3).collect();
    assert!(names.len() > 10, "{names:?}");
    let sources = ["shared/src", "functions", "local", "tests"].map(|folder| files(&root.join(folder)));
    let code: String = sources.into_iter().flatten().filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    let missing: Vec<_> = names.into_iter().filter(|name| !code.contains(&format!("fn {name}("))).collect();
    assert_eq!(missing, [""; 0]);
}
