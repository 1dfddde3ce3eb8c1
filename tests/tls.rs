//! Certificates, judged by OpenSSL.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use va_driver::Kind;
use va_driver::testing::{Replace, TlsInit, TlsInitialised, tls_init};

fn request(directory: &Path, hosts: &[&str], clients: Option<&[&str]>) -> TlsInit {
    let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    TlsInit {
        directory: directory.to_owned(),
        hosts: owned(hosts),
        clients: clients.map(owned),
        ..TlsInit::default()
    }
}

fn openssl(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("openssl")
        .args(arguments)
        .output()
        .expect("openssl must be installed");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stdout) + &text(&output.stderr))
    }
}

/// What libvirt needs of a folder that is given as `pkipath`, or copied to a host.
fn verify(folder: &Path, role: &str, purpose: &str, more: &[&str]) -> Result<String, String> {
    let path = |name: &str| folder.join(name).display().to_string();
    let (ca, certificate) = (path("cacert.pem"), path(&format!("{role}cert.pem")));
    let mut arguments = vec![
        "verify",
        "-x509_strict",
        "-purpose",
        purpose,
        "-CAfile",
        &ca,
    ];
    arguments.extend(more);
    arguments.push(&certificate);
    openssl(&arguments)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn everything(answer: &TlsInitialised) -> Vec<(String, bool)> {
    let all = std::iter::once(&answer.ca)
        .chain(&answer.server)
        .chain(&answer.clients);
    all.map(|certificate| (certificate.fingerprint.clone(), certificate.created))
        .collect()
}

#[test]
fn openssl_accepts_what_is_made() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("pki");
    let hosts = ["kvm-1.example.org", "10.0.0.5", "fe80::1"];
    let answer = tls_init(&request(&directory, &hosts, None)).unwrap();
    let server = directory.join("server/kvm-1.example.org");
    let client = directory.join("client/va-driver");
    let accepted = [
        (
            &server,
            "server",
            "sslserver",
            ["-verify_hostname", "kvm-1.example.org"].as_slice(),
        ),
        (&server, "server", "sslserver", &["-verify_ip", "10.0.0.5"]),
        (&server, "server", "sslserver", &["-verify_ip", "fe80::1"]),
        (&client, "client", "sslclient", &[]),
    ];
    for (folder, role, purpose, more) in accepted {
        verify(folder, role, purpose, more).unwrap_or_else(|why| panic!("{role} {more:?}: {why}"));
    }
    let refused = [
        (
            &server,
            "server",
            "sslserver",
            ["-verify_hostname", "other.example.org"].as_slice(),
        ),
        (&server, "server", "sslclient", &[]),
        (&client, "client", "sslserver", &[]),
    ];
    for (folder, role, purpose, more) in refused {
        verify(folder, role, purpose, more).expect_err(purpose);
    }
    for (folder, role) in [(&server, "server"), (&client, "client")] {
        let (certificate, key) = (
            folder.join(format!("{role}cert.pem")),
            folder.join(format!("{role}key.pem")),
        );
        let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
        let text = openssl(&["x509", "-noout", "-text", "-in", certificate]).unwrap();
        assert!(
            text.contains("Digital Signature, Key Encipherment"),
            "{text}"
        );
        assert!(text.contains("Public-Key: (3072 bit)"), "{text}");
        let of_certificate = openssl(&["x509", "-noout", "-pubkey", "-in", certificate]).unwrap();
        assert_eq!(
            openssl(&["pkey", "-pubout", "-in", key]).unwrap(),
            of_certificate
        );
        openssl(&["pkey", "-check", "-noout", "-in", key]).unwrap();
        assert_eq!(
            (mode(Path::new(certificate)), mode(Path::new(key))),
            (0o644, 0o600)
        );
    }
    assert_eq!(mode(&directory.join("ca/cakey.pem")), 0o600);

    let described = answer.server.unwrap();
    let file = described
        .files
        .iter()
        .find(|file| file.path.ends_with("servercert.pem"))
        .unwrap();
    assert_eq!(
        file.install_to.as_deref(),
        Some(Path::new("/etc/pki/libvirt/servercert.pem"))
    );
    let said = openssl(&[
        "x509",
        "-noout",
        "-fingerprint",
        "-sha256",
        "-in",
        file.path.to_str().unwrap(),
    ])
    .unwrap();
    assert!(said.trim().ends_with(&described.fingerprint), "{said}");
    assert_eq!(described.subject, "CN=kvm-1.example.org");
    assert!(
        answer
            .ca
            .files
            .iter()
            .all(|file| file.private == file.install_to.is_none())
    );
}

#[test]
fn a_second_call_adds_and_changes_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let first = tls_init(&request(root.path(), &["a.example.org"], Some(&["one"]))).unwrap();
    let again = tls_init(&request(root.path(), &["a.example.org"], Some(&["one"]))).unwrap();
    for ((before, created), (after, recreated)) in
        everything(&first).iter().zip(&everything(&again))
    {
        assert!(before == after && *created && !recreated);
    }
    let second = tls_init(&request(root.path(), &["b.example.org"], Some(&["two"]))).unwrap();
    assert_eq!(second.ca.fingerprint, first.ca.fingerprint);
    for (folder, role, purpose) in [
        ("server/a.example.org", "server", "sslserver"),
        ("server/b.example.org", "server", "sslserver"),
        ("client/one", "client", "sslclient"),
        ("client/two", "client", "sslclient"),
    ] {
        verify(&root.path().join(folder), role, purpose, &[]).unwrap();
    }

    // the same host under one more name
    let more = request(root.path(), &["a.example.org", "10.0.0.9"], Some(&[]));
    let error = tls_init(&more).unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::AlreadyExists, Some("/hosts"))
    );
    let replaced = tls_init(&TlsInit {
        replace: Some(Replace::Certificates),
        ..more.clone()
    })
    .unwrap();
    assert!(!replaced.ca.created && replaced.server.unwrap().created);
    verify(
        &root.path().join("server/a.example.org"),
        "server",
        "sslserver",
        &["-verify_ip", "10.0.0.9"],
    )
    .unwrap();

    // a new authority leaves what it did not make again without one
    let renewed = tls_init(&TlsInit {
        replace: Some(Replace::All),
        ..more
    })
    .unwrap();
    assert!(renewed.ca.created && renewed.ca.fingerprint != first.ca.fingerprint);
    let error = tls_init(&request(root.path(), &[], Some(&["two"]))).unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::AlreadyExists, Some("/clients/0"))
    );
}

#[test]
fn an_authority_that_openssl_made_signs_too() {
    let root = tempfile::tempdir().unwrap();
    let ca = root.path().join("ca");
    fs::create_dir(&ca).unwrap();
    let (certificate, key) = (ca.join("cacert.pem"), ca.join("cakey.pem"));
    let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    let made = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "5",
        "-subj",
        "/C=MK/O=Ours, Ltd/CN=Our CA",
    ];
    let usage = [
        "-addext",
        "keyUsage=critical,keyCertSign",
        "-keyout",
        key,
        "-out",
        certificate,
    ];
    openssl(&[&made[..], &usage[..]].concat()).unwrap();
    let answer = tls_init(&request(root.path(), &["h"], None)).unwrap();
    assert!(!answer.ca.created);
    verify(
        &root.path().join("server/h"),
        "server",
        "sslserver",
        &["-verify_hostname", "h"],
    )
    .unwrap();
    // no certificate outlives the authority
    assert_eq!(answer.server.unwrap().expires, answer.ca.expires);

    let other = tempfile::tempdir().unwrap();
    tls_init(&request(other.path(), &[], Some(&[]))).unwrap();
    fs::copy(other.path().join("ca/cakey.pem"), key).unwrap();
    for _ in 0..2 {
        let error = tls_init(&request(root.path(), &["h"], None)).unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (Kind::Conflict, Some("/directory"))
        );
        let _ = fs::remove_file(key);
    }
}

#[test]
fn nothing_is_written_for_a_request_that_is_wrong() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("pki");
    let base = request(&directory, &["a"], None);
    for (wrong, field) in [
        (
            TlsInit {
                days: Some(0),
                ..base.clone()
            },
            "/days",
        ),
        (
            TlsInit {
                days: Some(7301),
                ..base.clone()
            },
            "/days",
        ),
        (request(&directory, &["a", "b/c"], None), "/hosts/1"),
        (
            request(&directory, &[], Some(&["x", "y", ".."])),
            "/clients/2",
        ),
    ] {
        let error = tls_init(&wrong).unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (Kind::InvalidField, Some(field))
        );
    }
    assert!(!directory.exists());
    let error = tls_init(&request(&directory.join("deeper"), &["a"], None)).unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::NotFound, Some("/directory"))
    );
}
