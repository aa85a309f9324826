//! A small Secrets Manager: one secret, whatever ARN asks for it, and its version.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

/// A running Secrets Manager. It lives as long as the process: tests are short.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    address: SocketAddr,
    versions: Arc<Mutex<Vec<String>>>,
}

impl SecretsManager {
    /// Starts it without a secret.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let manager = Self { address: listener.local_addr().expect("an address"), versions: Arc::default() };
        let versions = Arc::clone(&manager.versions);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let answer = answer(&versions.lock().expect("no thread panics with the versions"));
                // A broken connection is the client's business.
                let _ = exchange(&client, &answer);
            }
        });
        manager
    }

    /// Where it listens, as an endpoint's URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Gives the secret another text, and so another version.
    ///
    /// # Panics
    /// Never: no thread panics with the versions.
    pub fn put(&self, text: impl Into<String>) {
        self.versions.lock().expect("no thread panics with the versions").push(text.into());
    }
}

fn answer(versions: &[String]) -> String {
    let (status, body) = match versions.last() {
        Some(text) => {
            let version = format!("version-{}", versions.len());
            ("200 OK", json!({ "Name": "onsip", "SecretString": text, "VersionId": version }))
        }
        None => ("400 Bad Request", json!({ "__type": "ResourceNotFoundException" })),
    };
    let (body, kind) = (body.to_string(), "application/x-amz-json-1.1");
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}")
}

fn exchange(mut client: &TcpStream, answer: &str) -> std::io::Result<()> {
    let (mut request, mut line, mut length) = (BufReader::new(client), String::new(), 0);
    while request.read_line(&mut line)? > 2 {
        let header = line.to_ascii_lowercase();
        length = header.strip_prefix("content-length:").and_then(|text| text.trim().parse().ok()).unwrap_or(length);
        line.clear();
    }
    request.read_exact(&mut vec![0; length])?;
    client.write_all(answer.as_bytes())
}
