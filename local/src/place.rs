//! Where everything here is, as SDK and ARNs want it. Nothing leaves the machine.

/// The region of everything here.
pub(crate) const REGION: &str = "us-east-1";

/// The account that everything here belongs to.
pub(crate) const ACCOUNT: &str = "000000000000";
