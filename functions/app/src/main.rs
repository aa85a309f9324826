//! Receives OnSIP's attendant menu events; see `shared::ingest`.

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::ingest::run().await
}
