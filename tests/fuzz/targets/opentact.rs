//! Any bytes as a delivery of Opentact.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| fuzz::parse(shared::name::Provider::Opentact, body));
