//! MiniStack, on a free port of the loopback interface, with the functions' roles and the API's policy enforced.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
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
    pub(super) process: Child,
    port: u16,
    python: PathBuf,
    /// What it writes: the functions' code, its log.
    scratch: TempDir,
}

impl Emulator {
    /// Its functions reach it through the proxy, if there is one.
    pub(super) fn start(proxy: Option<&Proxy>) -> Self {
        let programs = virtual_environment("ministack").join("bin");
        let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let port = free_port();
        let log = std::fs::File::create(scratch.path().join("log")).unwrap();
        let mut command = Command::new(programs.join("ministack"));
        aws_environment(&mut command, port)
            .env("AUTH", "true")
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_REGION", REGION)
            .env("TMPDIR", scratch.path())
            .current_dir(scratch.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        if let Some(proxy) = proxy {
            proxy.forward_to(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
            command.env("AWS_ENDPOINT_URL", proxy.url());
        }
        let process = command.spawn().unwrap();
        let emulator = Self { process, port, python: programs.join("python"), scratch };
        wait::until("MiniStack listens", || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok());
        emulator
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
        // Asked, it ends the functions that it runs; killed, it would leave them.
        let asked = Command::new("kill").arg(self.process.id().to_string()).status();
        let end = Instant::now() + STOPPING;
        while asked.is_ok() && Instant::now() < end && matches!(self.process.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
