//! What is measured, built as it is deployed: the functions' release binaries, and the two receivers that Trunkline is
//! compared with.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::error::{BenchError, While as _};

/// Where this package lies.
const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// The folders that builds go to.
#[derive(Debug, Clone)]
pub(crate) struct Folders {
    /// Cargo's target directory.
    target: PathBuf,
    /// Where the functions are that were built before, each in a folder of its package's name.
    built: Option<PathBuf>,
}

/// A deployable function on disk.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    /// The file or folder that is deployed.
    pub(crate) path: PathBuf,
    /// Its bytes.
    pub(crate) size: u64,
    /// Its bytes as a zip archive.
    pub(crate) zipped: u64,
}

impl Folders {
    /// The target directory that this program was itself built into, and the functions that were built before.
    pub(crate) fn find(built: Option<PathBuf>) -> Result<Self, BenchError> {
        let program = std::env::current_exe().while_doing("finding this program")?;
        let target = program.ancestors().nth(2).while_doing("finding the target directory")?.to_owned();
        std::fs::create_dir_all(target.join("bench")).while_doing("making a folder")?;
        Ok(Self { target, built })
    }

    /// The folder for what a run writes.
    pub(crate) fn work(&self) -> PathBuf {
        self.target.join("bench")
    }

    /// Whether nothing but the functions that were built before is there.
    pub(crate) fn are_given(&self) -> bool {
        self.built.is_some()
    }

    /// The release binaries of those packages.
    pub(crate) fn workspace(&self, packages: &[&str]) -> Result<Vec<Artifact>, BenchError> {
        if let Some(built) = &self.built {
            return packages.iter().map(|package| Artifact::of(built.join(package).join("bootstrap"))).collect();
        }
        let mut cargo = cargo(&self.target);
        cargo.arg("--manifest-path").arg(Path::new(HERE).join("../../Cargo.toml"));
        for package in packages {
            cargo.args(["-p", package]);
        }
        run(&mut cargo)?;
        packages.iter().map(|package| Artifact::of(self.target.join("release").join(package))).collect()
    }

    /// The receiver in Rust as the SDK's documentation shows it; a workspace of its own.
    pub(crate) fn documented(&self) -> Result<Artifact, BenchError> {
        let target = self.target.join("documented");
        run(cargo(&target).arg("--manifest-path").arg(Path::new(HERE).join("documented/Cargo.toml")))?;
        Artifact::of(target.join("release/documented"))
    }

    /// The receiver in Python, with its packages and all of it compiled.
    pub(crate) fn python(&self) -> Result<Artifact, BenchError> {
        let (source, folder) = (Path::new(HERE).join("python"), self.target.join("bench/python"));
        let pinned = std::fs::read(source.join("requirements.txt")).while_doing("reading the pinned packages")?;
        let installed = folder.join("requirements.txt");
        if std::fs::read(&installed).ok().as_ref() != Some(&pinned) {
            // What an earlier pin brought must not be measured with it.
            let _ = std::fs::remove_dir_all(&folder);
            let options =
                ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps"];
            let requirements = source.join("requirements.txt");
            run(Command::new("python3").args(options).arg("--target").arg(&folder).arg("-r").arg(requirements))?;
            std::fs::write(&installed, pinned).while_doing("noting what is installed")?;
        }
        std::fs::copy(source.join("receiver.py"), folder.join("receiver.py")).while_doing("copying the receiver")?;
        run(Command::new("python3").args(["-m", "compileall", "-q"]).arg(&folder))?;
        Artifact::of(folder)
    }
}

fn cargo(target: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").as_deref().unwrap_or(OsStr::new("cargo")));
    cargo.args(["build", "--release", "--quiet", "--locked", "--target-dir"]).arg(target);
    cargo
}

fn run(command: &mut Command) -> Result<(), BenchError> {
    let doing = format!("running {command:?}");
    // Standard output is the table's.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().while_doing(doing.clone())?;
    if status.success() { Ok(()) } else { Err(BenchError::new(doing, status.to_string())) }
}

impl Artifact {
    /// What is there.
    pub(crate) fn of(path: PathBuf) -> Result<Self, BenchError> {
        let doing = format!("reading {}", path.display());
        let (mut size, mut zipped) = (0, 0);
        for file in files(&path).while_doing(doing.clone())? {
            let bytes = std::fs::read(&file).while_doing(doing.clone())?;
            size += bytes.len() as u64;
            zipped += zip_entry(&file, &bytes).while_doing(doing.clone())?;
        }
        Ok(Self { path, size, zipped })
    }
}

fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        found.extend(files(&entry?.path())?);
    }
    Ok(found)
}

/// The bytes that a file takes in a zip archive: its header, its content, and its line in the directory.
fn zip_entry(file: &Path, bytes: &[u8]) -> std::io::Result<u64> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(bytes)?;
    let names = 30 + 46 + 2 * file.as_os_str().len();
    Ok((deflate.finish()?.len() + names) as u64)
}
