//! Any bytes as an answer of OnSIP's API.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::reply(bytes));
