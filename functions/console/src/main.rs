//! Shows calls, events and alerts in a browser; see the library beside this.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    console::run().await
}
