//! Whom the client believes.

use std::net::Ipv4Addr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use shared::log::chain;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{http, login};
use crate::api::{Api, Http};

/// A server of TLS on loopback: its URL, and its own certificate as PEM.
async fn server() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("https://{}/api", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&http("418 Teapot", b"")).await;
            let _ = stream.shutdown().await;
        }
    });
    (url, made.cert.pem())
}

#[tokio::test]
async fn a_certificate_that_no_public_root_vouches_for_is_refused_unless_it_is_among_the_further_roots() {
    let (url, certificate) = server().await;
    let api = |roots: &str| Api::new(Http::new(roots.as_bytes()).unwrap(), url.parse().unwrap());
    let refused = api("").log_in(&login()).await.unwrap_err();
    let line = chain(&refused);
    assert!(line.contains("could not be reached") && line.contains("UnknownIssuer"), "{line}");
    assert_eq!(api(&certificate).log_in(&login()).await.unwrap_err().code(), "Status.418");
}

#[test]
fn what_is_no_root_is_told() {
    let text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(Http::new(text.as_bytes()).is_err());
}
