//! The program, run as a person runs it.

use std::process::{Command, Output};

/// What it came to.
pub(crate) async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// What it prints, which must succeed.
pub(crate) async fn says(command: Command) -> String {
    let told = format!("{:?}", command.get_args().collect::<Vec<_>>());
    let output = run(command).await;
    let (out, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{told}: {out}{errors}");
    out
}
