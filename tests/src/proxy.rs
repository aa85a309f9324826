//! A proxy between a function and an AWS endpoint that makes faults on demand.
//!
//! It speaks just enough HTTP/1.1 to see where a request ends, since the faults worth having lie between request and
//! response: the connection lost before the service saw the request, or after it did and before it could say so.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// What the proxy does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed as soon as it is made.
    Refuse,
    /// The connection is closed before the service sees the request.
    CutBefore,
    /// The service carries the request out, and the connection is closed instead of the answer.
    CutAfter,
    /// Nothing happens until the proxy is healed; the connection stays open.
    Hang,
    /// The service answers with that status and an empty body.
    Status(u16),
    /// DynamoDB answers that there were too many requests.
    Throttle,
    /// DynamoDB answers with that error.
    Error(&'static str),
}

#[derive(Debug, Default)]
struct Plan {
    upstream: Option<SocketAddr>,
    always: Option<Fault>,
    /// What a request must contain to meet `always`.
    only: Option<&'static str>,
    /// Faults of the next requests, in their order.
    next: Vec<Option<Fault>>,
    seen: usize,
    /// The requests to the database and its answers, once it is metered.
    metered: Option<Vec<Exchange>>,
}

/// A request to a metered database, and its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The operation: `PutItem`.
    pub operation: String,
    /// The request.
    pub request: Value,
    /// The answer, with what the operation consumed of the table and of each index.
    pub answer: Value,
}

/// A running proxy. It lives as long as the process: tests are short.
#[derive(Debug, Clone)]
pub struct Proxy {
    address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
}

impl Proxy {
    /// Starts a proxy that knows no service yet.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let proxy = Self { address: listener.local_addr().expect("an address"), plan: Arc::default() };
        let plan = Arc::clone(&proxy.plan);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let plan = Arc::clone(&plan);
                if !refused(&plan) {
                    thread::spawn(move || serve(&client, &plan));
                }
            }
        });
        proxy
    }

    /// Where it listens, as an endpoint's URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Names the service that requests go on to.
    pub fn forward_to(&self, upstream: SocketAddr) {
        self.plan().upstream = Some(upstream);
    }

    /// Every request meets that fault from now on.
    pub fn break_with(&self, fault: Fault) {
        self.plan().always = Some(fault);
    }

    /// Every request that contains that text meets the fault from now on.
    pub fn break_where(&self, text: &'static str, fault: Fault) {
        let mut plan = self.plan();
        plan.always = Some(fault);
        plan.only = Some(text);
    }

    /// The next requests meet these faults, one each.
    pub fn next(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.plan().next = faults.into_iter().collect();
    }

    /// Every request goes through again.
    pub fn heal(&self) {
        let mut plan = self.plan();
        plan.always = None;
        plan.only = None;
        plan.next.clear();
    }

    /// From now on, asks the database what each operation consumes, and keeps the answers.
    pub fn meter(&self) {
        self.plan().metered.get_or_insert_default();
    }

    /// How many requests were answered since the metering began.
    #[must_use]
    pub fn metered(&self) -> usize {
        self.plan().metered.as_ref().map_or(0, Vec::len)
    }

    /// The requests and answers behind that many since the metering began.
    #[must_use]
    pub fn metered_since(&self, before: usize) -> Vec<Exchange> {
        self.plan().metered.as_deref().and_then(|all| all.get(before..)).unwrap_or_default().to_vec()
    }

    /// How many requests have come, the refused among them.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.plan().seen
    }

    fn plan(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.plan.lock().expect("no thread panics with the plan")
    }
}

/// Whether a new connection is closed at once.
fn refused(plan: &Mutex<Plan>) -> bool {
    let mut plan = plan.lock().expect("no thread panics with the plan");
    let refused = plan.always == Some(Fault::Refuse);
    plan.seen += usize::from(refused);
    refused
}

fn serve(client: &TcpStream, plan: &Mutex<Plan>) {
    // A broken connection is the proxy's business, not an error of the test.
    let _ = exchange(client, plan);
    let _ = client.shutdown(std::net::Shutdown::Both);
}

fn exchange(client: &TcpStream, plan: &Mutex<Plan>) -> io::Result<()> {
    let mut requests = BufReader::new(client);
    let mut service: Option<TcpStream> = None;
    while let Some(request) = message(&mut requests)? {
        let (fault, upstream) = decide(plan, &request);
        match fault {
            Some(Fault::Refuse | Fault::CutBefore) => return Ok(()),
            Some(Fault::Hang) => return wait_for_healing(plan),
            Some(Fault::Status(status)) => {
                write!(&mut &*client, "HTTP/1.1 {status} Fault\r\ncontent-length: 0\r\n\r\n")?;
                continue;
            }
            Some(Fault::Throttle) => {
                refuse(client, "ThrottlingException")?;
                continue;
            }
            Some(Fault::Error(name)) => {
                refuse(client, name)?;
                continue;
            }
            Some(Fault::CutAfter) | None => {}
        }
        let stream = match service.take() {
            Some(stream) => stream,
            None => TcpStream::connect(upstream.ok_or(io::ErrorKind::NotConnected)?)?,
        };
        let asked = if plan.lock().expect("no thread panics with the plan").metered.is_some() {
            metered(&request)
        } else {
            None
        };
        (&stream).write_all(asked.as_ref().map_or(&request, |(_, _, request)| request))?;
        let response = message(&mut BufReader::new(&stream))?.ok_or(io::ErrorKind::UnexpectedEof)?;
        if let Some((operation, request, _)) = asked {
            let answer = serde_json::from_slice(body(&response)).map_err(io::Error::other)?;
            let mut plan = plan.lock().expect("no thread panics with the plan");
            plan.metered.get_or_insert_default().push(Exchange { operation, request, answer });
        }
        if fault == Some(Fault::CutAfter) {
            return Ok(());
        }
        (&mut &*client).write_all(&response)?;
        service = Some(stream);
    }
    Ok(())
}

fn body(message: &[u8]) -> &[u8] {
    let end = message.windows(4).position(|end| end == b"\r\n\r\n").map_or(message.len(), |at| at + 4);
    message.get(end..).unwrap_or_default()
}

/// The operation, its parameters, and the request that asks beside them what it consumes; None for one that consumes nothing.
fn metered(request: &[u8]) -> Option<(String, Value, Vec<u8>)> {
    let mut parameters: Value = serde_json::from_slice(body(request)).ok()?;
    let head = String::from_utf8_lossy(request.strip_suffix(body(request))?).into_owned();
    let mut lines: Vec<_> = head.trim_end().split("\r\n").map(str::to_owned).collect();
    let target = lines.iter().find(|line| line.to_ascii_lowercase().starts_with("x-amz-target:"))?;
    let operation = target.rsplit_once('.')?.1.to_owned();
    if !["Item", "Items", "Query", "Statement"].into_iter().any(|name| operation.ends_with(name)) {
        return None;
    }
    parameters.as_object_mut()?.insert("ReturnConsumedCapacity".to_owned(), "INDEXES".into());
    let parameters_text = parameters.to_string();
    lines.retain(|line| !line.to_ascii_lowercase().starts_with("content-length:"));
    lines.push(format!("content-length: {}", parameters_text.len()));
    Some((operation, parameters, format!("{}\r\n\r\n{parameters_text}", lines.join("\r\n")).into_bytes()))
}

/// Answers as DynamoDB does with an error of that name.
fn refuse(mut client: &TcpStream, name: &str) -> io::Result<()> {
    let answer = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{name}","message":"a fault"}}"#);
    let length = answer.len();
    write!(
        client,
        "HTTP/1.1 400 Fault\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\r\n{answer}"
    )
}

fn decide(plan: &Mutex<Plan>, request: &[u8]) -> (Option<Fault>, Option<SocketAddr>) {
    let mut plan = plan.lock().expect("no thread panics with the plan");
    plan.seen += 1;
    if !plan.next.is_empty() {
        return (plan.next.remove(0), plan.upstream);
    }
    let meant = plan.only.is_none_or(|text| request.windows(text.len()).any(|part| part == text.as_bytes()));
    (plan.always.filter(|_| meant), plan.upstream)
}

fn wait_for_healing(plan: &Mutex<Plan>) -> io::Result<()> {
    while plan.lock().expect("no thread panics with the plan").always == Some(Fault::Hang) {
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// One request or response, whole; None at the end of the connection.
fn message(stream: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut whole = Vec::new();
    let mut length = 0;
    let mut chunked = false;
    loop {
        let start = whole.len();
        if stream.read_until(b'\n', &mut whole)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(whole.get(start..).unwrap_or_default()).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
        if line.trim().is_empty() {
            break;
        }
    }
    if chunked {
        chunks(stream, &mut whole)?;
    } else {
        stream.take(length).read_to_end(&mut whole)?;
    }
    Ok(Some(whole))
}

fn chunks(stream: &mut impl BufRead, whole: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let start = whole.len();
        stream.read_until(b'\n', whole)?;
        let line = String::from_utf8_lossy(whole.get(start..).unwrap_or_default()).into_owned();
        let size = u64::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        stream.take(size + 2).read_to_end(whole)?;
        if size == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;
    use crate::http::Client;

    /// A service that says how many requests it has carried out.
    fn counter() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let mut count = 0;
            for stream in listener.incoming().flatten() {
                while let Ok(Some(_)) = message(&mut BufReader::new(&stream)) {
                    count += 1;
                    let body = count.to_string();
                    write!(&mut &stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
                }
            }
        });
        address
    }

    #[test]
    fn each_fault_is_what_its_name_says() {
        let proxy = Proxy::start();
        proxy.forward_to(counter());
        // A client each, so that no connection is used again and no request is sent twice.
        let ask = || Client::new(proxy.url()).try_send("POST", "/", &[("connection", "close")], b"x");
        let count = || String::from_utf8(ask().unwrap().body).unwrap();

        assert_eq!(count(), "1");
        proxy.next([Some(Fault::CutBefore)]);
        assert!(ask().is_err());
        assert_eq!(count(), "2", "a request that was cut before never reached the service");
        proxy.next([Some(Fault::CutAfter)]);
        assert!(ask().is_err());
        assert_eq!(count(), "4", "a request that was cut after did");
        proxy.next([None, Some(Fault::Status(503))]);
        assert_eq!(count(), "5");
        assert_eq!(ask().unwrap().status, 503);
        proxy.break_with(Fault::Hang);
        let healer = proxy.clone();
        let healing = thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            healer.heal();
        });
        assert!(ask().is_err());
        healing.join().unwrap();
        assert_eq!(count(), "6");
        proxy.break_with(Fault::Refuse);
        assert!(ask().is_err());
        proxy.heal();
        assert_eq!(count(), "7");
        proxy.break_where("other", Fault::CutBefore);
        assert_eq!(count(), "8");
        proxy.break_where("POST", Fault::CutBefore);
        assert!(ask().is_err());
        assert_eq!(proxy.seen(), 13);
    }
}
