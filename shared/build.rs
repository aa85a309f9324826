//! Compiles in the roots of Amazon's own certificate authority, taken from Mozilla's list as `webpki-root-certs` has it: they
//! are kept up to date by updating that dependency.

use std::error::Error;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How the subject of a root says that it is Amazon's: the organization's name, or that of the authority it bought. In DER, an
/// attribute's OID (2.5.4.10, 2.5.4.3) and then a PrintableString with its length.
const SUBJECTS: [&[u8]; 2] = [
    b"\x06\x03\x55\x04\x0a\x13\x06Amazon",
    b"\x06\x03\x55\x04\x03\x13\x32Starfield Services Root Certificate Authority - G2",
];

/// <https://www.amazontrust.com/repository/> lists Amazon Root CA 1 to 4 and the Starfield one.
const AT_LEAST: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let is_amazons = |der: &[u8]| SUBJECTS.iter().any(|name| der.windows(name.len()).any(|window| window == *name));
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter(|root| is_amazons(root));
    let roots: Vec<_> = roots.map(|root| pem(root)).collect();
    if roots.len() < AT_LEAST {
        return Err(format!("only {} of Amazon's roots are in webpki-root-certs", roots.len()).into());
    }
    let folder = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    std::fs::write(Path::new(&folder).join("amazon.pem"), roots.concat())?;
    Ok(())
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der))
}
