//! Reads events, calls and the quarantine back; see the library beside this.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    query::run().await
}
