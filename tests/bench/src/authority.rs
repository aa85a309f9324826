//! A certificate authority that lives for one run, and the one server it vouches for. Its key never leaves the process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::error::{BenchError, While as _};

/// Where Linux distributions keep the roots that a stock client reads.
const SYSTEM_ROOTS: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// What a client must trust, as files.
#[derive(Debug, Clone)]
pub(crate) struct Trust {
    /// The authority alone, for a client that brings its own roots.
    pub(crate) authority: PathBuf,
    /// The system's roots and the authority, for a client that reads a bundle as it would in Lambda.
    pub(crate) bundle: PathBuf,
}

/// A server's identity as `localhost`, and what a client must trust for it.
pub(crate) fn make(directory: &Path) -> Result<(ServerConfig, Trust), BenchError> {
    let doing = "making a certificate authority";
    let issuer = issuer().while_doing(doing)?;
    let key = KeyPair::generate().while_doing(doing)?;
    let mut leaf = CertificateParams::new(vec!["localhost".to_owned()]).while_doing(doing)?;
    leaf.use_authority_key_identifier_extension = true;
    let certificate = leaf.signed_by(&key, &issuer).while_doing(doing)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut server = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .while_doing(doing)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .while_doing(doing)?;
    // As DynamoDB itself: no HTTP/2.
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((server, write(directory, &issuer.pem())?))
}

fn issuer() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.distinguished_name.push(DnType::CommonName, "Trunkline's bench");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    CertifiedIssuer::self_signed(authority, KeyPair::generate()?)
}

fn write(directory: &Path, authority: &str) -> Result<Trust, BenchError> {
    let system = SYSTEM_ROOTS.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    let trust = Trust { authority: directory.join("authority.pem"), bundle: directory.join("bundle.pem") };
    std::fs::write(&trust.authority, authority).while_doing("writing the authority")?;
    std::fs::write(&trust.bundle, format!("{system}\n{authority}")).while_doing("writing the bundle of roots")?;
    Ok(trust)
}
