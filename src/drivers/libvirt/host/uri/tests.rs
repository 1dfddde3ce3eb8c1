use proptest::prelude::*;

use super::{Fields, HostUri, Transport};
use crate::{Error, Kind};

fn composed(protocol: &str, host_ip: &str) -> crate::Result<HostUri> {
    HostUri::new(&Fields {
        host_protocol: Some(protocol),
        host_ip: Some(host_ip),
        ..Fields::default()
    })
}

fn whole(uri: &str) -> crate::Result<HostUri> {
    HostUri::new(&Fields {
        uri: Some(uri),
        ..Fields::default()
    })
}

fn uri_of(protocol: &str, host_ip: &str) -> String {
    composed(protocol, host_ip).unwrap().as_str().to_owned()
}

fn assert_refused(result: crate::Result<HostUri>, field: &str) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidField, "{error}");
    assert_eq!(error.field(), Some(field), "{error}");
    error
}

#[test]
fn protocols_become_uris() {
    assert_eq!(uri_of("qemu", ""), "qemu:///system");
    assert_eq!(uri_of("qemu", "localhost"), "qemu:///system");
    assert_eq!(
        uri_of("qemu", "kvm1.example.org"),
        "qemu+tls://kvm1.example.org/system"
    );
    assert_eq!(
        uri_of("qemu+tls", "192.0.2.7:16555"),
        "qemu+tls://192.0.2.7:16555/system"
    );
    assert_eq!(uri_of("qemu+tcp", "kvm1"), "qemu+tcp://kvm1/system");
    assert_eq!(
        uri_of("qemu+tcp", "2001:db8::7"),
        "qemu+tcp://[2001:db8::7]/system"
    );
    assert_eq!(
        uri_of("qemu+tcp", "[2001:db8::7]:1234"),
        "qemu+tcp://[2001:db8::7]:1234/system"
    );
    assert_eq!(
        uri_of("qemu+ssh", "root@kvm1:2222"),
        "qemu+ssh://root@kvm1:2222/system?no_tty=1"
    );
    assert_eq!(uri_of("qemu+unix", ""), "qemu+unix:///system");
    assert_eq!(
        uri_of("qemu+unix", "/run/a@b,c"),
        "qemu+unix:///system?socket=%2Frun%2Fa%40b%2Cc"
    );
    assert_eq!(uri_of("test", ""), "test:///default");
    assert_eq!(uri_of("test", "/srv/a_50+b.xml"), "test:///srv/a_50+b.xml");
    assert_eq!(
        uri_of("qemu+tls", "bücher.example"),
        "qemu+tls://xn--bcher-kva.example/system"
    );
    assert_eq!(
        HostUri::new(&Fields::default()).unwrap().as_str(),
        "qemu:///system"
    );
}

#[test]
fn members_beside_the_host_find_their_place() {
    let fields = Fields {
        host_protocol: Some("qemu"),
        host_ip: Some("kvm1"),
        username: Some("admin"),
        pkipath: Some("/etc/pki/my-hosts"),
        uri: None,
    };
    let tls = HostUri::new(&fields).unwrap();
    assert_eq!(
        tls.as_str(),
        "qemu+tls://kvm1/system?pkipath=%2Fetc%2Fpki%2Fmy-hosts"
    );
    assert_eq!(
        (tls.transport(), tls.endpoint()),
        (Transport::Tls, Some(("kvm1", 16514)))
    );
    assert!(!tls.insecure());

    let ssh = Fields {
        host_protocol: Some("qemu+ssh"),
        pkipath: None,
        ..fields
    };
    assert_eq!(
        HostUri::new(&ssh).unwrap().as_str(),
        "qemu+ssh://admin@kvm1/system?no_tty=1"
    );
    let own = Fields {
        host_ip: Some("root@kvm1"),
        ..ssh
    };
    assert_eq!(
        HostUri::new(&own).unwrap().as_str(),
        "qemu+ssh://root@kvm1/system?no_tty=1"
    );

    let v6 = composed("qemu+tcp", "::1").unwrap();
    assert_eq!(v6.endpoint(), Some(("::1", 16509)));
    assert_eq!(composed("qemu", "").unwrap().endpoint(), None);
}

#[test]
fn what_does_not_belong_is_refused_with_its_member() {
    for host in [
        "kvm1/system?command=/bin/sh",
        "kvm1?command=x",
        "kvm1#x",
        "kvm1%2f",
        "a b",
        "-oProxyCommand=x",
        "kvm1:",
        "kvm1:0",
        "kvm1:+80",
        "kvm1:65536",
        "kvm1:x",
        "[::1",
        "::1]",
        "[kvm1]",
        "fe80::1%eth0",
        "a@b@-c",
        "user:pw@kvm1",
        "-l@kvm1",
        "@kvm1",
        "127.1",
        "0x7f000001",
        "1.2.3.4.5",
        "kvm1;x",
        "a..b",
        ".",
        "kvm1\u{0}",
        "kvm1\nx",
        "a&b",
        "a\\b",
        "kvm1,kvm2",
    ] {
        assert_refused(composed("qemu+ssh", host), "/host_ip");
    }
    assert_refused(composed("qemu+tcp", ""), "/host_ip");
    assert_refused(composed("qemu+tcp", "root@kvm1"), "/host_ip");
    assert_refused(composed("qemu+unix", "run/libvirt-sock"), "/host_ip");
    assert_refused(composed("test", "../host.xml"), "/host_ip");
    assert_refused(composed("test", "/a/../host.xml"), "/host_ip");
    for protocol in ["qemu+ext", "lxc", "QEMU", "qemu+libssh2", "qemu://x"] {
        assert_refused(composed(protocol, "kvm1"), "/host_protocol");
    }
    let tcp = Fields {
        host_protocol: Some("qemu+tcp"),
        host_ip: Some("kvm1"),
        ..Fields::default()
    };
    assert_refused(
        HostUri::new(&Fields {
            pkipath: Some("/pki"),
            ..tcp
        }),
        "/pkipath",
    );
    let tls = Fields {
        host_protocol: Some("qemu+tls"),
        ..tcp
    };
    assert_refused(
        HostUri::new(&Fields {
            pkipath: Some("pki"),
            ..tls
        }),
        "/pkipath",
    );
    let ssh = Fields {
        host_protocol: Some("qemu+ssh"),
        ..tcp
    };
    assert_refused(
        HostUri::new(&Fields {
            username: Some("-oProxyCommand=x"),
            ..ssh
        }),
        "/username",
    );
    assert_refused(
        HostUri::new(&Fields {
            uri: Some("qemu:///system"),
            ..tcp
        }),
        "/uri",
    );
}

#[test]
fn whole_uris_pass_when_they_run_nothing() {
    for uri in [
        "qemu:///system",
        "qemu:///session",
        "qemu+tcp://192.0.2.7:16509/system",
        "qemu+tls://[2001:db8::7]/system?pkipath=/etc/pki/x&tls_priority=NORMAL:+VERS-TLS1.3",
        "qemu+unix:///session?socket=/run/user/1000/libvirt/libvirt-sock",
        "qemu+ssh://root@kvm1:22/system?keyfile=/root/.ssh/id&no_tty=0&proxy=netcat&mode=legacy",
        "test:///default",
        "test:///srv/host.xml",
        "qemu+ssh://kvm1/system?socket=/run/libvirt/libvirt-sock&no_tty=1",
        "test+tcp://kvm1/default",
    ] {
        assert_eq!(whole(uri).unwrap().as_str(), uri);
    }
    let ssh = whole("qemu+ssh:///system").unwrap();
    assert_eq!(ssh.as_str(), "qemu+ssh:///system?no_tty=1");
    assert_eq!(ssh.endpoint(), Some(("localhost", 22)));
    assert_eq!(
        whole("qemu://kvm1/system").unwrap().transport(),
        Transport::Tls
    );
    assert!(whole("qemu://kvm1/system?no_verify=1").unwrap().insecure());
    assert!(whole("qemu://kvm1/system?No_Verify=1").unwrap().insecure());
    assert!(!whole("qemu://kvm1/system?no_verify=0").unwrap().insecure());
}

#[test]
fn whole_uris_that_run_something_or_mean_something_else_are_refused() {
    for uri in [
        "qemu+ssh://kvm1/system?command=/bin/evil",
        "qemu+ssh://kvm1/system?COMMAND=/bin/evil",
        "qemu+ssh://kvm1/system?%63ommand=/bin/evil",
        "qemu+ssh://kvm1/system?no_tty=1;command=/bin/evil",
        "qemu+ssh://kvm1/system?netcat=/bin/evil",
        "qemu+ssh://kvm1/system?name=lxc:///",
        "qemu+ssh://kvm1/system?no_tty=1&no_tty=0",
        "qemu+ssh://-oProxyCommand=x/system",
        "qemu+ssh://-l@kvm1/system",
        "qemu+ssh://%2dl@kvm1/system",
        "qemu+ssh://kvm1%2f/system",
        "qemu+tcp://user:secret@kvm1/system",
        "qemu://kvm1/system?no_verify=yes",
        "qemu://kvm1/system?pkipath=../pki",
        "qemu:///embed?root=/tmp/x",
        "test+unix:///srv/host.xml",
        "test+tcp://kvm1/srv/host.xml",
        "test:///srv/a%2fb.xml",
        "test:///",
        "qemu:///system?socket=/run/x",
        "qemu+tcp://kvm1/system?socket=/run/x",
        "qemu+tls://kvm1/system?keyfile=/run/x",
        "qemu+ssh://kvm1/system?pkipath=/run/x",
        "qemu+ssh://kvm1/system?socket=/x%60touch%20/tmp/x%60",
        "qemu+ssh://kvm1/system?socket=/x%2560",
        "qemu+ssh://kvm1/system?socket=x",
        "qemu+ssh://kvm1/system?keyfile=/k%24HOME",
        "qemu:///",
        "qemu:/system",
        "qemu:system",
        "qemu+foo://kvm1/system",
        "qemu+unix://kvm1/system",
        "qemu:///system#x",
        "qemu:///sys tem",
        "system",
    ] {
        let error = assert_refused(whole(uri), "/uri");
        assert!(!error.message().contains("secret"), "{error}");
    }
    for uri in [
        "lxc:///system",
        "xen:///system",
        "esx://h/",
        "qemu+ext:///system",
        "qemu+libssh2://h/system",
    ] {
        let error = whole(uri).unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (Kind::Unsupported, Some("/uri")),
            "{error}"
        );
    }
    let both = Fields {
        uri: Some("test:///default"),
        host_protocol: Some("qemu"),
        ..Fields::default()
    };
    assert_refused(HostUri::new(&both), "/host_protocol");
}

/// Every printable character of ASCII and some beyond, as itself and escaped.
fn characters() -> Vec<String> {
    let ascii = (' '..='~').chain(['\t', '\n', '\r', '\0', '\u{7f}']);
    let escaped = ascii.clone().map(|c| format!("%{:02x}", u32::from(c)));
    let wide = ['\u{ff40}', '\u{ff04}', '\u{ff1b}', '\u{2019}', '\u{a0}'];
    ascii
        .chain(wide)
        .map(String::from)
        .chain(escaped)
        .chain(["%2560".to_owned()])
        .collect()
}

/// Whether a shell, a program's option list and a URI take it for nothing but text.
fn is_harmless(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._+-".contains(c);
    !text.starts_with('-') && text.chars().all(plain)
}

/// The user, the host and the path of a URI, as they stand there.
fn parts(uri: &str) -> (&str, &str, &str) {
    let (_, rest) = uri.split_once("://").unwrap();
    let (rest, _) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_at(rest.find('/').unwrap());
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    (user, host, path)
}

#[test]
fn no_part_brings_a_character_that_something_on_the_way_reads_otherwise() {
    let mut taken = 0;
    for c in characters() {
        let around = [format!("{c}ab"), format!("a{c}b"), format!("ab{c}")];
        for text in &around {
            let members = |host_protocol, host_ip, username, pkipath| {
                HostUri::new(&Fields {
                    host_protocol: Some(host_protocol),
                    host_ip: Some(host_ip),
                    username,
                    pkipath,
                    uri: None,
                })
            };
            let path = format!("/{text}");
            let at = format!("{text}@kvm1");
            let mut results = vec![
                members("qemu+unix", &path, None, None),
                members("test", &path, None, None),
                members("qemu+tls", "kvm1", None, Some(&path)),
                members("qemu+ssh", "kvm1", Some(text), None),
                members("qemu+ssh", &at, None, None),
            ];
            for protocol in ["qemu", "qemu+tls", "qemu+tcp", "qemu+ssh"] {
                results.push(members(protocol, text, None, None));
            }
            for transport in ["", "+unix", "+tls", "+tcp", "+ssh"] {
                let host = if transport == "+unix" { "" } else { "kvm1" };
                results.push(whole(&format!("qemu{transport}://{text}/system")));
                results.push(whole(&format!("qemu{transport}://{text}@{host}/system")));
                results.push(whole(&format!("qemu{transport}://{host}/{text}")));
                results.push(whole(&format!("test{transport}://{host}/{text}")));
                for name in [
                    "authfile",
                    "keyfile",
                    "pkipath",
                    "socket",
                    "tls_priority",
                    "mode",
                ] {
                    let query = format!("{name}=/{text}");
                    results.push(whole(&format!("qemu{transport}://{host}/system?{query}")));
                }
            }
            for uri in results.into_iter().flatten() {
                taken += 1;
                let (user, host, path) = parts(uri.as_str());
                let bare = host.trim_start_matches('[').trim_end_matches(']');
                assert!(
                    bare.parse::<std::net::Ipv6Addr>().is_ok() || is_harmless(host),
                    "{uri}"
                );
                assert!(is_harmless(user) && !user.contains('/'), "{uri}");
                assert!(
                    is_harmless(&path.replace(['@', ':', ',', '='], "")),
                    "{uri}"
                );
                for (name, value) in libvirt_parameters(uri.as_str()) {
                    let value = match (name.as_str(), uri.transport()) {
                        ("socket", Transport::Ssh) | ("no_tty" | "mode", _) => value,
                        ("tls_priority", Transport::Tls) => {
                            value.replace(['!', '%', '@', ':', ',', '='], "")
                        }
                        // a file on this machine
                        ("authfile", _)
                        | ("keyfile", Transport::Ssh)
                        | ("pkipath", Transport::Tls)
                        | ("socket", Transport::Unix) => value.replace(['@', ':', ',', '='], ""),
                        _ => panic!("{name} in {uri}"),
                    };
                    assert!(is_harmless(&value), "{uri}");
                }
            }
        }
    }
    assert!(taken > 1000, "{taken} are taken: the test does not test");
}

/// Takes a URI apart as libvirt does: parameters part at `&` and at `;`, names have no case.
fn libvirt_parameters(uri: &str) -> Vec<(String, String)> {
    let query = uri.split_once('?').map_or("", |(_, query)| query);
    query
        .split(['&', ';'])
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (unescape(name).to_lowercase(), unescape(value))
        })
        .collect()
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let (b'%', Some(hex)) = (*first, tail.get(..2)) {
            bytes.push(u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn ssh_gets_to_a_host_as_libvirt_does() {
    let login = |uri: &str| whole(uri).unwrap().ssh().map(|words| words.join(" "));
    let all = login("qemu+ssh://ops@kvm1:2222/system?keyfile=/home/ops/key");
    assert_eq!(
        all.as_deref(),
        Some("-p 2222 -l ops -i /home/ops/key -- kvm1")
    );
    assert_eq!(
        login("qemu+ssh://[fd00::1]/system").as_deref(),
        Some("-- fd00::1")
    );
    // a daemon's port and user are not those of ssh
    assert_eq!(
        login("qemu+tls://kvm1:16000/system").as_deref(),
        Some("-- kvm1")
    );
    assert_eq!(login("qemu:///system"), None);
}

/// Host-like text with the characters that mean something to URIs and shells mixed in.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-c0-9.@:/?#&;=%\\[\\]\\\\ \t-]{0,16}",
        "kvm1[?&;/#%@:]{1,2}(command|netcat|no_verify|[%]63ommand)=[/a-z1]{0,4}",
    ]
}

proptest! {
    #[test]
    fn a_host_brings_nothing_but_itself(
        protocol in prop::sample::select(vec!["qemu", "qemu+tls", "qemu+tcp", "qemu+ssh", "qemu+unix"]),
        host_ip in hostile(),
    ) {
        match composed(protocol, &host_ip) {
            Err(error) => prop_assert_eq!(error.field(), Some("/host_ip")),
            Ok(uri) => {
                prop_assert!(uri.as_str().is_ascii());
                prop_assert!(!uri.as_str().contains('#'));
                prop_assert!(!uri.insecure());
                let host = uri.host().unwrap_or_default();
                prop_assert!(!host.starts_with('-') && !host.contains(['/', '?', '&', ';', '%', ' ']));
                let (before, _) = uri.as_str().split_once('?').unwrap_or((uri.as_str(), ""));
                prop_assert!(before.ends_with("/system") && before.matches('/').count() == 3);
                for (name, value) in libvirt_parameters(uri.as_str()) {
                    match name.as_str() {
                        "no_tty" => prop_assert_eq!(value, "1"),
                        "socket" => prop_assert_eq!(&value, host_ip.trim()),
                        other => prop_assert!(false, "{} in {}", other, uri),
                    }
                }
            }
        }
    }

    #[test]
    fn a_pkipath_arrives_as_it_was(path in "/[a-zà-ö0-9._+@:,=-][a-zà-ö0-9/._+@:,=-]{0,20}") {
        let fields = Fields { host_ip: Some("kvm1"), pkipath: Some(&path), ..Fields::default() };
        let uri = HostUri::new(&fields).unwrap();
        let read = libvirt_parameters(uri.as_str());
        prop_assert_eq!(read, vec![("pkipath".to_owned(), path.trim().to_owned())]);
    }

    #[test]
    fn a_whole_uri_runs_no_program(rest in hostile(), query in "[a-z_%0-9&;=/+]{0,24}") {
        for uri in [rest.clone(), format!("qemu+ssh://kvm1/system?{query}"), format!("qemu+ssh://{rest}/system?{query}")] {
            if let Ok(uri) = whole(&uri) {
                for (name, _) in libvirt_parameters(uri.as_str()) {
                    prop_assert!(!["command", "netcat", "name"].contains(&name.as_str()), "{}", uri);
                }
                for word in uri.ssh().unwrap_or_default() {
                    let plain = |c: char| c.is_alphanumeric() || "/._+-@:,=".contains(c);
                    prop_assert!(word.chars().all(plain), "{}: {}", uri, word);
                }
            }
        }
    }
}
