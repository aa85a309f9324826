//! Turns stored failures into alerts; see the library beside this.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    notify::run().await
}
