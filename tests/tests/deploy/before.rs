//! The release before, as the repository's history has it: what an update begins with.

use std::path::PathBuf;
use std::process::Command;

use super::command::{repository, run};

/// The tree of the commit that `tests/deploy/before.txt` names, unpacked under `target/`. A shallow clone or an exported tree
/// does not have it.
pub(super) fn release_before() -> Option<PathBuf> {
    let file = std::fs::read_to_string(repository().join("tests/deploy/before.txt")).unwrap();
    let commit = file.lines().find(|line| !line.starts_with('#')).unwrap();
    let known = git(&["cat-file", "-e", &format!("{commit}^{{commit}}")]).output();
    if !known.is_ok_and(|known| known.status.success()) {
        eprintln!(
            "NO UPDATE FROM THE RELEASE BEFORE: commit {commit} is not here; updating from the working tree itself"
        );
        return None;
    }
    let tree = repository().join("target/before").join(commit);
    let archive = tree.with_extension("tar");
    std::fs::create_dir_all(&tree).unwrap();
    run(git(&["archive", "--output"]).arg(&archive).arg(commit));
    run(Command::new("tar").arg("--extract").arg("--file").arg(&archive).arg("--directory").arg(&tree));
    Some(tree)
}

fn git(arguments: &[&str]) -> Command {
    let mut git = Command::new("git");
    git.current_dir(repository()).args(arguments);
    git
}
