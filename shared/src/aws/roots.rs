//! Which root certificates AWS clients trust: those of Amazon's own authority, and those that a setting adds. Certificates
//! are checked before the SDK gets them, because it panics on a bad one.

use std::str::FromStr;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Amazon's roots as PEM, made by `build.rs` from a dependency.
const AMAZON: &str = include_str!(concat!(env!("OUT_DIR"), "/amazon.pem"));

/// The trusted roots.
#[derive(Debug)]
pub(super) struct Roots(TrustStore);

impl Default for Roots {
    /// Amazon's alone.
    fn default() -> Self {
        Self(TrustStore::empty().with_pem_certificate(AMAZON))
    }
}

/// Reads the file of that path: Amazon's roots and those in it.
impl FromStr for Roots {
    type Err = String;

    fn from_str(path: &str) -> Result<Self, String> {
        let pem = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        check(&pem).map_err(|error| format!("{path}: {error}"))?;
        let Self(amazon) = Self::default();
        Ok(Self(amazon.with_pem_certificate(pem)))
    }
}

fn check(pem: &[u8]) -> Result<(), String> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| format!("not PEM: {error}"))?;
        store.add(certificate).map_err(|error| format!("not a root certificate: {error}"))?;
    }
    if store.is_empty() { Err("no certificate in it".to_owned()) } else { Ok(()) }
}

impl Roots {
    /// The TLS settings of connections.
    pub(super) fn context(self) -> TlsContext {
        // It can't fail with only a trust store set. The default would trust the system's roots.
        TlsContext::builder().with_trust_store(self.0).build().unwrap_or_default()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn amazons_roots_are_compiled_in_and_no_others() {
        let names =
            ["Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4", "Starfield Services"];
        let roots: Vec<_> = CertificateDer::pem_slice_iter(AMAZON.as_bytes()).map(Result::unwrap).collect();
        for name in names {
            assert!(roots.iter().any(|root| root.windows(name.len()).any(|w| w == name.as_bytes())), "{name}");
        }
        assert_eq!(roots.len(), names.len());
        check(AMAZON.as_bytes()).unwrap();
    }

    #[test]
    fn a_file_without_a_root_is_told_and_not_believed() {
        let file = |name: &str, text: &str| {
            let path = std::env::temp_dir().join(format!("trunkline-{}-{name}", std::process::id()));
            std::fs::write(&path, text).unwrap();
            let read = path.to_str().unwrap().parse::<Roots>();
            std::fs::remove_file(path).unwrap();
            read
        };
        assert!(file("roots.pem", AMAZON).is_ok());
        for (name, text) in [
            ("empty.pem", ""),
            ("cut.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n"),
            ("other.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ] {
            assert!(file(name, text).unwrap_err().contains(name));
        }
        assert!("/nonexistent/roots.pem".parse::<Roots>().unwrap_err().contains("/nonexistent/roots.pem"));
    }
}
