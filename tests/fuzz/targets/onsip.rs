//! Any bytes as a delivery of Onsip.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| fuzz::parse(shared::name::Provider::Onsip, body));
