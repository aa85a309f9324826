//! What keeps the bench from measuring: what was being done, and why that failed.

use std::error::Error;

/// A step that failed.
#[derive(Debug, thiserror::Error)]
#[error("{doing}: {cause}")]
pub struct BenchError {
    doing: String,
    #[source]
    cause: Box<dyn Error + Send + Sync>,
}

impl BenchError {
    /// A failure of that step, for that reason.
    pub(crate) fn new(doing: impl Into<String>, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { doing: doing.into(), cause: cause.into() }
    }
}

/// Says what was being done when something failed.
pub(crate) trait While<T> {
    /// The value, or an error that names the step.
    fn while_doing(self, doing: impl Into<String>) -> Result<T, BenchError>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> While<T> for Result<T, E> {
    fn while_doing(self, doing: impl Into<String>) -> Result<T, BenchError> {
        self.map_err(|cause| BenchError::new(doing, cause))
    }
}

impl<T> While<T> for Option<T> {
    fn while_doing(self, doing: impl Into<String>) -> Result<T, BenchError> {
        self.ok_or_else(|| BenchError::new(doing, "there is none"))
    }
}
