//! The log, as a function writes it.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};

use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Level};

/// While there is a single subscriber in the process, `tracing-core` has it answer for all: what the first thread at a log line has,
/// which may be none, is remembered for every thread. Tests share a process, so there is always a second one.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// What this thread logs as long as it is kept, from that level on.
#[derive(Debug)]
pub struct Log {
    written: Written,
    _guard: DefaultGuard,
}

#[derive(Debug, Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Begins to log.
    #[must_use]
    pub fn start(level: Level) -> Self {
        LazyLock::force(&SECOND);
        let written = Written::default();
        let to = written.clone();
        let lines = tracing_subscriber::fmt().json().with_max_level(level).with_writer(move || to.clone());
        Self { written, _guard: tracing::subscriber::set_default(lines.finish()) }
    }

    /// Takes out what was logged since this was asked last.
    ///
    /// # Panics
    /// When that is no text.
    #[must_use]
    pub fn take(&self) -> String {
        let logged = std::mem::take(&mut *self.written.0.lock().expect("nobody panics while writing"));
        String::from_utf8(logged).expect("a log is text")
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics while writing").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    fn says() {
        tracing::info!("said");
    }

    #[test]
    fn what_another_thread_says_first_is_logged_here_too() {
        let (saying, first) = mpsc::channel();
        let log = thread::scope(|threads| {
            threads.spawn(move || {
                first.recv().expect("the log has begun");
                says();
            });
            let log = Log::start(Level::INFO);
            saying.send(()).expect("it waits");
            log
        });
        says();
        assert_eq!(log.take().matches("said").count(), 1);
    }
}
