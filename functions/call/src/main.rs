//! Receives the call events of both providers; see `shared::ingest`.

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::ingest::run().await
}
