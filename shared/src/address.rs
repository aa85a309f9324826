//! SIP URIs, hosts and phone numbers: types that only a parser makes, in one written form each.

mod country;
mod host;
mod number;
mod uri;
mod withheld;

pub use country::{Country, is_global};
pub use host::Host;
pub use number::{NumberingPlan, PhoneNumber};
pub use uri::SipUri;
pub(crate) use uri::{bare_uri, is_emergency_service, is_of_other_scheme};
pub use withheld::{is_nobodys, is_withheld};
