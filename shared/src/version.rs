//! Which release this is: one version for all functions and commands, by semantic versioning (<https://semver.org>). CHANGELOG.md says
//! what an update to each asks for.

/// The version, such as `1.4.0`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
