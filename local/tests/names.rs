//! `names`, run as a person runs it, against the local stack.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::process::Command;

use local::{Options, Stack};

struct Done {
    status: i32,
    out: String,
    errors: String,
}

async fn names(stack: &Stack, arguments: &[&str]) -> Done {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trunkline"));
    command.arg("names").args(arguments).args(["--url", stack.url()]);
    command.env("TRUNKLINE_OPERATOR_TOKEN", "operator").env("TRUNKLINE_READ_TOKEN", "reader");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let [out, errors] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    Done { status: output.status.code().unwrap(), out, errors }
}

async fn stack() -> Stack {
    let [read_token, operator_token] = ["reader", "operator"].map(|token| Some(token.to_owned()));
    Stack::start(Options { read_token, operator_token, ..Options::default() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_exported_is_imported_as_the_same() {
    let (stack, folder) = (stack().await, tempfile::tempdir().unwrap());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    // More than a request takes.
    let desks: String = (0..620).map(|nth| format!("phone_number:1202555{nth:04};Desk {nth}\r\n")).collect();
    write("first.csv", &format!("\u{feff}Entity;Name\r\naccount:a;=1+1, \"\"Al\"\"\r\n{desks}"));
    let done = names(&stack, &["import", &path("first.csv")]).await;
    assert_eq!((done.status, done.out.as_str(), done.errors.as_str()), (0, "621 names given\n", ""));

    let exported = names(&stack, &["export"]).await;
    assert!(
        exported.out.starts_with(
            "entity,name\r\naccount:a,\"'=1+1, \"\"\"\"Al\"\"\"\"\"\r\nphone_number:12025550000,Desk 0\r\n"
        )
    );
    assert_eq!((exported.status, exported.out.lines().count()), (0, 622));
    write("second.csv", &exported.out);
    assert_eq!(names(&stack, &["import", &path("second.csv")]).await.status, 0);
    assert_eq!(names(&stack, &["export"]).await.out, exported.out);

    write("third.csv", "account:a,Main\nphone_number:12025550000,\n");
    assert_eq!(names(&stack, &["import", &path("third.csv")]).await.out, "1 name given, 1 taken away\n");
    let exported = names(&stack, &["export"]).await.out;
    assert!(
        exported.starts_with("entity,name\r\naccount:a,Main\r\nphone_number:12025550001,Desk 1\r\n"),
        "{exported:.200}"
    );

    write("wrong.csv", "account:b,B\nalice,Alice\n");
    let refused = names(&stack, &["import", &path("wrong.csv")]).await;
    assert_eq!((refused.status, refused.errors.lines().count()), (2, 1), "{}", refused.errors);
    assert!(refused.errors.contains("wrong.csv: line 2: an entity is written kind:value"), "{}", refused.errors);
    assert_eq!(names(&stack, &["export"]).await.out, exported);
    stack.shutdown().await;
}
