//! MiniStack, on a free port of the loopback interface, with the functions' roles and the API's policy enforced.

use std::fs::OpenOptions;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tests::proxy::Proxy;
use tests::wait;

use super::command::{repository, run, virtual_environment};

const REGION: &str = "eu-central-1";
/// It stops its functions before itself.
const STOPPING: Duration = Duration::from_secs(20);

/// A running emulator. Dropping it ends it and removes all that it wrote.
pub(super) struct Emulator {
    process: Mutex<Child>,
    port: u16,
    python: PathBuf,
    /// What its functions reach it through.
    proxy: Option<String>,
    /// What it writes: the functions' code, its log, and what it keeps over a restart.
    scratch: TempDir,
}

impl Emulator {
    /// Its functions reach it through the proxy, if there is one.
    pub(super) fn start(proxy: Option<&Proxy>) -> Self {
        let programs = virtual_environment("ministack").join("bin");
        let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let port = free_port();
        if let Some(proxy) = proxy {
            proxy.forward_to(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        }
        let (python, proxy) = (programs.join("python"), proxy.map(Proxy::url));
        let process = Mutex::new(spawn(&python, port, proxy.as_deref(), scratch.path()));
        let emulator = Self { process, port, python, proxy, scratch };
        emulator.listens();
        emulator
    }

    fn listens(&self) {
        wait::until("MiniStack listens", || TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok());
    }

    /// Ends it and starts it again. What it held is there again, but for what its streams held.
    pub(super) fn restart(&self) {
        let mut process = self.process.lock().unwrap();
        end(&mut process);
        *process = spawn(&self.python, self.port, self.proxy.as_deref(), self.scratch.path());
        self.listens();
    }

    /// The id of its process.
    pub(super) fn id(&self) -> u32 {
        self.process.lock().unwrap().id()
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Gives a command the emulator for AWS, and nothing of this machine's own AWS configuration.
    pub(super) fn serve<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        aws_environment(command, self.port)
    }

    /// One call to AWS.
    pub(super) fn aws(&self, service: &str, operation: &str, arguments: &Value) -> Value {
        let mut command = Command::new(&self.python);
        command.arg(repository().join("tests/deploy/aws.py")).args([service, operation, &arguments.to_string()]);
        serde_json::from_str(&run(self.serve(&mut command))).unwrap()
    }
}

fn spawn(python: &Path, port: u16, proxy: Option<&str>, scratch: &Path) -> Child {
    let log = OpenOptions::new().create(true).append(true).open(scratch.join("log")).unwrap();
    let mut command = Command::new(python.with_file_name("ministack"));
    aws_environment(&mut command, port)
        .env("AUTH", "true")
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("MINISTACK_REGION", REGION)
        .env("PERSIST_STATE", "1")
        .env("STATE_DIR", scratch.join("state"))
        .env("TMPDIR", scratch)
        .current_dir(scratch)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log);
    if let Some(proxy) = proxy {
        command.env("AWS_ENDPOINT_URL", proxy);
    }
    command.spawn().unwrap()
}

/// Ends it. Asked, it ends the functions that it runs and writes down what it holds; killed, it would leave them.
fn end(process: &mut Child) {
    let asked = Command::new("kill").arg(process.id().to_string()).status();
    let until = Instant::now() + STOPPING;
    while asked.is_ok() && Instant::now() < until && matches!(process.try_wait(), Ok(None)) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = process.kill();
    let _ = process.wait();
}

fn aws_environment(command: &mut Command, port: u16) -> &mut Command {
    command
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_REGION", REGION)
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN")
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.scratch.path().join("log")).unwrap_or_default();
            let last: Vec<_> = log.lines().rev().take(60).collect();
            eprintln!("MiniStack said last:\n{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
        end(self.process.get_mut().unwrap());
    }
}
