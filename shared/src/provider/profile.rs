//! What the rest of the house asks about a provider, beside how its deliveries read.

/// What is so of one provider.
#[derive(Debug)]
pub struct Profile {
    /// Its name, as people write it.
    pub name: &'static str,
    /// Where its deliveries may come from.
    pub addresses: Addresses,
    /// Whether it tells which of its calls are one.
    pub threads: Threads,
    /// What to check when it delivers nothing, as the questions that end such a message.
    pub silence_checks: &'static str,
}

/// Where a provider's deliveries may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addresses {
    /// From anywhere, unless the deployment lists addresses: the provider does not say where it delivers from.
    Any,
    /// From the addresses that the deployment lists.
    Listed,
}

/// Whether a provider tells which of its calls are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// It does not: nothing is ever joined to one of its calls.
    Absent,
    /// Its legs name a thread, a parent or children.
    Told,
}
