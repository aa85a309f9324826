//! Who is measured: how each function is started, and what its environment tells it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use shared::access::TokenDigest;

use crate::artifact::{Artifact, Folders};
use crate::authority::Trust;
use crate::delivery::{Sample, TOKEN};
use crate::dynamodb::{Database, TABLE};
use crate::error::{BenchError, While as _};

/// The row that all others are measured by.
pub(crate) const FLOOR: &str = "floor";
/// The row that those which store are measured by.
pub(crate) const PUT: &str = "put";
/// The receiver in Rust with the SDK as documented.
pub(crate) const DOCUMENTED: &str = "rust, sdk as documented";
/// The receiver in Python.
pub(crate) const PYTHON: &str = "python, boto3";
/// Trunkline's own.
pub(crate) const TRUNKLINE: [&str; 3] = ["call", "sms", "app"];

/// What kind of program it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A function of this workspace.
    Workspace,
    /// Rust, with roots from the system.
    Documented,
    /// Python, with roots from a bundle.
    Python,
}

/// A function that is measured.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// Its row's name.
    pub(crate) name: &'static str,
    /// What is deployed.
    pub(crate) artifact: Artifact,
    kind: Kind,
}

/// What could be built, and what could not, with the reason.
#[derive(Debug)]
pub(crate) struct Subjects {
    pub(crate) found: Vec<Subject>,
    pub(crate) missing: Vec<(&'static str, String)>,
}

impl Subjects {
    /// Builds them all. Without the floor, `put` or Trunkline there is nothing to measure; of the others, those that can't be
    /// built are missing. Where functions were built before, these are all.
    pub(crate) fn build(folders: &Folders) -> Result<Self, BenchError> {
        let names = if folders.are_given() { TRUNKLINE.to_vec() } else { [&[FLOOR, PUT], &TRUNKLINE[..]].concat() };
        let artifacts = folders.workspace(&names)?;
        let own = names.into_iter().zip(artifacts);
        let mut found: Vec<_> = own.map(|(name, artifact)| Subject { name, artifact, kind: Kind::Workspace }).collect();
        let mut missing = Vec::new();
        if folders.are_given() {
            return Ok(Self { found, missing });
        }
        for (name, kind, artifact) in
            [(DOCUMENTED, Kind::Documented, folders.documented()), (PYTHON, Kind::Python, folders.python())]
        {
            match artifact {
                Ok(artifact) => found.push(Subject { name, artifact, kind }),
                Err(error) => missing.push((name, error.to_string())),
            }
        }
        Ok(Self { found, missing })
    }
}

impl Subject {
    /// Builds one function of this workspace.
    pub(crate) fn build_own(folders: &Folders, name: &'static str) -> Result<Self, BenchError> {
        let artifact = folders.workspace(&[name])?.pop().while_doing("building a function")?;
        Ok(Self { name, artifact, kind: Kind::Workspace })
    }

    /// Whether it writes to the database.
    pub(crate) fn stores(&self) -> bool {
        self.name != FLOOR
    }

    /// Where its log goes.
    pub(crate) fn log(&self, work: &Path) -> PathBuf {
        work.join(self.name.replace([',', ' '], "-")).with_extension("log")
    }

    /// The command that starts it for that input, as what the runner runs if there is one, with an environment as in Lambda and
    /// nothing else.
    pub(crate) fn command(
        &self,
        runner: &[&str],
        sample: &Sample,
        runtime: &str,
        (database, trust): (&Database, &Trust),
    ) -> Command {
        let words = runner.iter().map(OsStr::new);
        let mut words = words.chain(match self.kind {
            Kind::Python => vec![OsStr::new("python3"), OsStr::new("-m"), OsStr::new("receiver")],
            Kind::Workspace | Kind::Documented => vec![self.artifact.path.as_os_str()],
        });
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).env_clear();
        if self.kind == Kind::Python {
            command.env("PYTHONPATH", &self.artifact.path);
        }
        command.envs(lambda(runtime, &database.url)).envs(settings()).env("ITEM_BYTES", sample.item_bytes.to_string());
        match self.kind {
            Kind::Workspace => command.env("EXTRA_CA_CERTS", &trust.authority),
            Kind::Documented => command.env("SSL_CERT_FILE", &trust.bundle),
            Kind::Python => command.env("AWS_CA_BUNDLE", &trust.bundle),
        };
        command
    }
}

/// What Lambda sets, and where AWS is: the database, and the spool's queue, where the table denies.
pub(crate) fn lambda(runtime: &str, aws: &str) -> Vec<(&'static str, String)> {
    let path = std::env::var("PATH").unwrap_or_default();
    let fixed = [
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "example"),
        ("AWS_SESSION_TOKEN", "example"),
        ("TZ", ":UTC"),
        ("LANG", "en_US.UTF-8"),
    ];
    let mut variables: Vec<_> = fixed.map(|(name, value)| (name, value.to_owned())).into();
    variables.push(("AWS_LAMBDA_RUNTIME_API", runtime.to_owned()));
    variables.push(("AWS_ENDPOINT_URL_DYNAMODB", aws.to_owned()));
    variables.push(("AWS_ENDPOINT_URL_SQS", aws.to_owned()));
    variables.push(("PATH", path));
    variables
}

/// What the deployment sets: Trunkline's settings, and the one of the others.
fn settings() -> [(&'static str, String); 7] {
    let digest = TokenDigest::of(TOKEN).to_string();
    [
        ("EVENTS_TABLE", TABLE.to_owned()),
        ("SPOOL_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/spool".to_owned()),
        ("ONSIP_TOKEN_DIGESTS", digest.clone()),
        ("OPENTACT_TOKEN_DIGESTS", digest.clone()),
        ("OPENTACT_ADDRESSES", "72.21.26.35/32".to_owned()),
        ("SHARDS", "4".to_owned()),
        ("TOKEN_DIGEST", digest),
    ]
}
