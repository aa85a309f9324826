//! What must not be guessed, and what must not repeat.

use std::fmt::Write as _;

/// A token of 128 random bits in hexadecimal digits, which need no escaping in a URL or a shell.
///
/// # Errors
/// When the operating system has no randomness to give.
pub(crate) fn token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// A new UUID, for requests and messages.
pub(crate) fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
