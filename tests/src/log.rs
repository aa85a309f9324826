//! The log, as a function writes it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// What was logged; a clone of it writes into the same.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Takes out what was logged since this was asked last.
    ///
    /// # Panics
    /// When that is no text.
    #[must_use]
    pub fn take(&self) -> String {
        let logged = std::mem::take(&mut *self.0.lock().expect("nobody panics while writing"));
        String::from_utf8(logged).expect("a log is text")
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics while writing").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
