//! Serves the stand-in on a port of the loopback address, which its only argument names; 0 picks a free one.

use std::io::{self, Write as _};
use std::process::ExitCode;

use onsip_api::OnsipApi;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If even this cannot be written, the exit code still tells.
            let _ = writeln!(io::stderr(), "onsip-api: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "0".to_owned());
    let api = OnsipApi::start(port.parse().map_err(io::Error::other)?).await?;
    writeln!(io::stdout(), "ready {}", api.url())?;
    api.serve().await
}
