//! A server of HTTP that answers each request as a test says.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// A form's names and values.
pub(super) type Form = Vec<(String, String)>;

pub(super) struct Server {
    address: SocketAddr,
    forms: Arc<Mutex<Vec<Form>>>,
}

impl Server {
    /// Answers with what is made of the number of a request and its form.
    pub(super) fn start(answer: impl Fn(usize, &[(String, String)]) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let forms = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&forms);
        std::thread::spawn(move || {
            for (number, mut stream) in listener.incoming().flatten().enumerate() {
                let form = form(&stream);
                seen.lock().unwrap().push(form.clone());
                let _ = stream.write_all(&answer(number, &form));
            }
        });
        Self { address, forms }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// What was posted.
    pub(super) fn forms(&self) -> Vec<Form> {
        self.forms.lock().unwrap().clone()
    }
}

fn form(stream: &TcpStream) -> Form {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("content-type", value)) => assert!(value.starts_with("application/x-www-form-urlencoded"), "{value}"),
            Some(_) => {}
            None if line.starts_with("POST /api ") => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    form_urlencoded::parse(&body).into_owned().collect()
}

pub(super) fn http(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A completed action with that result.
pub(super) fn completed(form: &[(String, String)], result: &Value) -> Vec<u8> {
    let action = &form.iter().find(|(name, _)| name == "Action").unwrap().1;
    let answer = json!({"Response": {
        "Context": {
            "Action": {"IsCompleted": "true", "Errors": {}},
            "Request": {"IsValid": "true", "Errors": {}},
            "Session": {"SessionId": "s3ss10n", "UserId": "38"},
        },
        "Result": {action: result},
    }});
    http("200 OK", answer.to_string().as_bytes())
}
