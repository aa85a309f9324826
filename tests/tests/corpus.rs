//! Replays the fuzzers' corpus through the code that the fuzzers run.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]
#![expect(unreachable_pub, reason = "the module is a library of its own to the fuzzers")]

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use shared::name::Provider;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let inputs: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect();
    assert!(inputs.len() > 20, "the corpus of {target} is gone");
    inputs
}

#[test]
fn every_delivery_of_the_corpus_is_kept_to_the_byte() {
    for provider in Provider::ALL.iter().copied() {
        corpus(provider.as_str()).iter().for_each(|body| fuzz::parse(provider, body));
    }
}

#[test]
fn every_request_of_the_corpus_is_kept_to_the_byte() {
    corpus("ingest").iter().for_each(|bytes| fuzz::ingest(bytes));
}

#[test]
fn every_answer_of_the_corpus_is_read_within_bounds_and_tells_no_secret() {
    corpus("reply").iter().for_each(|bytes| fuzz::reply(bytes));
}
