use std::io::Write as _;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use super::{Credentials, Fields, Host, HostUri, Limits};
use crate::{Kind, Result, Secret};

const LONG: Duration = Duration::from_secs(60);

fn host_uri(uri: &str) -> HostUri {
    HostUri::new(&Fields {
        uri: Some(uri),
        ..Fields::default()
    })
    .unwrap()
}

fn open(uri: &str, limits: Limits) -> Result<Host> {
    Host::open(&host_uri(uri), &Credentials::default(), limits)
}

fn test_host() -> Host {
    open("test:///default", Limits::default()).unwrap()
}

#[test]
fn calls_reach_the_host() {
    let host = test_host();
    let names = host
        .call("list the servers", LONG, |connection| {
            connection
                .list_all_domains(0)?
                .iter()
                .map(virt::domain::Domain::name)
                .collect::<std::result::Result<Vec<_>, _>>()
        })
        .unwrap();
    assert_eq!(names, ["test"]);
    assert!(host.is_alive());
    assert!(!format!("{host:?}").contains("credentials"));
}

#[test]
fn errors_say_what_was_done() {
    let error = test_host()
        .call("find the volume x", LONG, |connection| {
            connection.lookup_storage_vol_by_path("/x").map(drop)
        })
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(
        error.message().starts_with("cannot find the volume x: "),
        "{error}"
    );
    assert!(!error.sources().is_empty());
}

#[test]
fn a_call_ends_when_its_time_is_up() {
    let host = test_host();
    let (_open, forever) = mpsc::channel::<()>();
    let error = host
        .call(
            "start the server web1",
            Duration::from_millis(20),
            move |_| {
                let _ = forever.recv();
                Ok(())
            },
        )
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(error.message().contains("start the server web1"), "{error}");
    assert!(host.is_alive(), "the connection is of use to others");
}

#[test]
fn a_panic_in_a_call_is_an_error() {
    let error = test_host()
        .call("count", LONG, |_| -> std::result::Result<(), _> {
            panic!("Unable to drop reference")
        })
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Internal);
    assert_eq!(error.sources(), ["Unable to drop reference"]);
}

#[test]
fn many_threads_share_one_connection() {
    let host = test_host();
    let done = Arc::new(AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let count = host
                        .call("count", LONG, virt::connect::Connect::num_of_domains)
                        .unwrap();
                    assert_eq!(count, 1);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(done.load(Ordering::Relaxed), 160);
}

#[test]
fn reconnecting_serves_every_clone() {
    // a test host made from a file begins anew with each connection
    let (_file, host_uri) = described("<node/>");
    let host = Host::open(&host_uri, &Credentials::default(), Limits::default()).unwrap();
    let clone = host.clone();
    let count = |host: &Host| {
        host.call("count", LONG, |c| {
            c.list_all_domains(0).map(|all| all.len())
        })
    };
    let server = "<domain type='test'><name>made</name><memory>1024</memory><os><type>hvm</type></os></domain>";
    host.call("define", LONG, move |c| {
        c.define_domain_xml(server).map(drop)
    })
    .unwrap();
    assert_eq!(count(&clone).unwrap(), 1);
    host.reconnect().unwrap();
    assert_eq!(count(&clone).unwrap(), 0);
}

#[test]
fn a_closed_port_is_told_at_once() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    for scheme in ["qemu+tcp", "qemu+tls"] {
        let error = open(
            &format!("{scheme}://127.0.0.1:{port}/system"),
            Limits::default(),
        )
        .unwrap_err();
        assert_eq!(error.kind(), Kind::ConnectionFailed);
        assert!(error.message().contains("refuses connections"), "{error}");
        assert!(error.message().contains(&port.to_string()), "{error}");
    }
}

#[test]
fn an_unknown_name_is_told_apart() {
    let error = open("qemu+tcp://kvm1.invalid/system", Limits::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::ConnectionFailed);
    assert!(error.message().contains("cannot be resolved"), "{error}");
}

#[test]
fn a_mute_listener_does_not_hold_us_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let limits = Limits {
        open: Duration::from_millis(500),
        ..Limits::default()
    };
    let begun = Instant::now();
    let error = open(&format!("qemu+tcp://127.0.0.1:{port}/system"), limits).unwrap_err();
    assert!(begun.elapsed() < LONG);
    assert_eq!(error.kind(), Kind::ConnectionFailed);
    assert!(
        error.message().contains("did not answer as libvirt does"),
        "{error}"
    );
}

#[test]
fn a_listener_that_hangs_up_is_a_failed_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let error = open(
        &format!("qemu+tcp://127.0.0.1:{port}/system"),
        Limits::default(),
    )
    .unwrap_err();
    assert_eq!(error.kind(), Kind::ConnectionFailed, "{error}");
}

#[test]
fn a_missing_socket_names_the_daemon() {
    let error = open(
        "qemu+unix:///system?socket=/nonexistent/libvirt-sock",
        Limits::default(),
    )
    .unwrap_err();
    assert_eq!(error.kind(), Kind::ConnectionFailed, "{error}");
    assert!(error.message().contains("start libvirtd"), "{error}");
}

#[test]
fn missing_certificates_name_pkipath() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let empty = tempfile::tempdir().unwrap();
    let host_uri = HostUri::new(&Fields {
        host_ip: Some(&format!("127.0.0.1:{port}")),
        pkipath: empty.path().to_str(),
        ..Fields::default()
    })
    .unwrap();
    let error = Host::open(&host_uri, &Credentials::default(), Limits::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::AuthFailed, "{error}");
    assert!(error.message().contains("pkipath must hold"), "{error}");
}

/// A test host as `xml` describes it.
fn described(xml: &str) -> (tempfile::NamedTempFile, HostUri) {
    let mut file = tempfile::Builder::new().suffix(".xml").tempfile().unwrap();
    file.write_all(xml.as_bytes()).unwrap();
    let host_uri = HostUri::new(&Fields {
        host_protocol: Some("test"),
        host_ip: file.path().to_str(),
        ..Fields::default()
    })
    .unwrap();
    (file, host_uri)
}

#[test]
fn name_and_password_are_handed_over() {
    let (_file, host_uri) =
        described("<node><auth><user password='tiger'>scott</user></auth></node>");
    let credentials = |password: &str| Credentials {
        username: Some("scott".to_owned()),
        password: Some(Secret::new(password.to_owned())),
    };
    let host = Host::open(&host_uri, &credentials("tiger"), Limits::default()).unwrap();
    host.reconnect().unwrap();
    let debug = format!("{host:?}{:?}", credentials("tiger"));
    assert!(!debug.contains("tiger"), "{debug}");

    let error = Host::open(&host_uri, &credentials("wrong-one"), Limits::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::AuthFailed, "{error}");
    assert!(!format!("{error:?}").contains("wrong-one"));
    let error = Host::open(&host_uri, &Credentials::default(), Limits::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::AuthFailed, "{error}");
}

#[test]
fn a_file_that_is_no_test_host_is_not_quoted() {
    let dir = tempfile::tempdir().unwrap();
    // the second passes this program's own reading, and libvirt's complains of it
    for text in [
        "hunter2:x:0:0\n",
        "<node><cpu>hunter2 &hunter2;</cpu></node>",
    ] {
        let path = dir.path().join("file");
        std::fs::write(&path, text).unwrap();
        let uri = format!("test://{}", path.display());
        let error = open(&uri, Limits::default()).unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2\n"), "{error:?}");
        assert!(!format!("{error:?}").contains(text.trim()), "{error:?}");
    }
    // nor is a document that libvirt cannot read, whoever asks it to
    let error = test_host()
        .call("define the server x", LONG, |connection| {
            connection.define_domain_xml("hunter2 is no XML").map(drop)
        })
        .unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
}

#[test]
fn a_test_host_is_what_its_file_describes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("host.xml");
    std::fs::write(&path, "<?xml version='1.0'?>\n<node/>\n").unwrap();
    open(&format!("test://{}", path.display()), Limits::default()).unwrap();
}
