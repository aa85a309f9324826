//! The embedded `DynamoDB`: `dynoxide` behind its own HTTP server on a loopback port, so that the functions reach it
//! through the real SDK. Lambda's mappings read its stream without either. What is in the data directory, or in a
//! temporary file, belongs to this process alone.

use std::fs::{self, File, TryLockError};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::stack::shutdown::Shutdown;
use crate::stack::stream::{ReadError, Shard};

/// `dynoxide` looks up the last sequence number of a stream at every put, in a table that it neither indexes nor
/// trims: without these, 50,000 items make a put ten times slower than it was at 10,000.
const STREAM_INDEXES: &str = "
    CREATE INDEX IF NOT EXISTS trunkline_stream_last
        ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
    CREATE INDEX IF NOT EXISTS trunkline_stream_shard
        ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER));";

/// Why the embedded database did not open.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The data directory cannot be made or written.
    #[error("the data directory {} cannot be used", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Another process has the directory open.
    #[error("the data directory {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The file in the directory is no database of ours, or a broken one.
    #[error("the database {} cannot be opened", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the database says.
        #[source]
        source: Box<dynoxide::DynoxideError>,
    },
    /// The stream's indexes cannot be made.
    #[error("the database's stream cannot be indexed")]
    Index(#[from] rusqlite::Error),
    /// No loopback port to be had, or no temporary file.
    #[error("the embedded database cannot be served")]
    Serve(#[from] std::io::Error),
    /// The thread that opened the database died.
    #[error("opening the database was cut short")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// The running database.
pub(crate) struct Database {
    engine: dynoxide::Database,
    address: SocketAddr,
    server: JoinHandle<Result<(), String>>,
    /// Held for as long as the data directory is ours.
    _lock: Option<File>,
}

impl Database {
    /// Opens the database in `directory`, or an empty one that ends with the process, and serves it.
    pub(crate) async fn start(directory: Option<&Path>, shutdown: Shutdown) -> Result<Self, DatabaseError> {
        let directory = directory.map(Path::to_owned);
        let (engine, lock) = tokio::task::spawn_blocking(move || open(directory.as_deref())).await??;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let served = dynoxide::server::serve_with_shutdown(listener, engine.clone(), shutdown.requested());
        Ok(Self { engine, address, server: tokio::spawn(served), _lock: lock })
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A handle on the expiry of items, which `dynoxide` does only when told to.
    pub(crate) fn expiry(&self) -> Expiry {
        Expiry(self.engine.clone())
    }

    /// The shard of that stream.
    ///
    /// # Errors
    /// When the stream is not there.
    pub(crate) fn shard(&self, stream_arn: String) -> Result<Shard, ReadError> {
        Shard::of(self.engine.clone(), stream_arn)
    }

    /// Waits until the server has let its last request finish.
    pub(crate) async fn stopped(self) {
        match self.server.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(error, "the embedded database stopped"),
            Err(error) => tracing::error!(%error, "the embedded database died"),
        }
    }
}

/// Deletes items that have expired.
#[derive(Clone)]
pub(crate) struct Expiry(dynoxide::Database);

impl Expiry {
    /// Deletes every item whose time to live is over, as `DynamoDB` does in the background.
    pub(crate) async fn sweep(&self) {
        let engine = self.0.clone();
        match tokio::task::spawn_blocking(move || engine.sweep_ttl()).await {
            Ok(Ok(deleted)) => tracing::debug!(deleted, "swept expired items"),
            Ok(Err(error)) => tracing::error!(%error, "expired items stay"),
            Err(error) => tracing::error!(%error, "expired items stay"),
        }
    }
}

fn open(directory: Option<&Path>) -> Result<(dynoxide::Database, Option<File>), DatabaseError> {
    match directory {
        Some(directory) => {
            let lock = lock(directory)?;
            let engine = open_file(&directory.join("trunkline.sqlite"))?;
            Ok((engine, Some(lock)))
        }
        None => Ok((open_temporary()?, None)),
    }
}

fn lock(directory: &Path) -> Result<File, DatabaseError> {
    let unusable = |source| DatabaseError::Directory { path: directory.to_owned(), source };
    fs::create_dir_all(directory).map_err(unusable)?;
    let file = File::create(directory.join("lock")).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DatabaseError::InUse(directory.to_owned())),
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}

fn open_file(path: &Path) -> Result<dynoxide::Database, DatabaseError> {
    let failed = |source| DatabaseError::Open { path: path.to_owned(), source: Box::new(source) };
    let engine = dynoxide::Database::new(&path.to_string_lossy()).map_err(failed)?;
    rusqlite::Connection::open(path)?.execute_batch(STREAM_INDEXES)?;
    Ok(engine)
}

/// A database that ends with the process: SQLite's temporary one, whose pages are in a small cache and in a file without a
/// name. One wholly in memory has all its pages in its cache, and at many a commit looks through all of them: each put
/// would take the longer, the more there is. Its schema is out of reach, so it is restored from a file that has the
/// indexes.
fn open_temporary() -> Result<dynoxide::Database, DatabaseError> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("empty.sqlite");
    drop(open_file(&path)?);
    let failed = |source| DatabaseError::Open { path: path.clone(), source: Box::new(source) };
    let engine = dynoxide::Database::new("").map_err(failed)?;
    engine.restore_from(&path.to_string_lossy()).map_err(failed)?;
    Ok(engine)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use super::*;

    fn indexes(database: &Path) -> i64 {
        let count = "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name LIKE 'trunkline_stream_%'";
        rusqlite::Connection::open(database).unwrap().query_row(count, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn the_stream_is_indexed_in_a_temporary_database_and_in_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let copy = directory.path().join("copy.sqlite");
        open_temporary().unwrap().vacuum_into(&copy.to_string_lossy()).unwrap();
        assert_eq!(indexes(&copy), 2);
        let file = directory.path().join("file.sqlite");
        drop(open_file(&file).unwrap());
        assert_eq!(indexes(&file), 2);
    }

    #[test]
    fn a_directory_belongs_to_one_process_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let first = open(Some(directory.path())).unwrap();
        assert!(matches!(open(Some(directory.path())), Err(DatabaseError::InUse(_))));
        drop(first);
        open(Some(directory.path())).unwrap();
    }

    #[test]
    fn a_file_in_the_place_of_the_directory_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let refused = open(Some(file.path())).err().unwrap().to_string();
        assert!(refused.contains("cannot be used"), "{refused}");
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("trunkline.sqlite"), "no database at all, but a longer text").unwrap();
        assert!(matches!(open(Some(directory.path())), Err(DatabaseError::Open { .. })));
    }
}
