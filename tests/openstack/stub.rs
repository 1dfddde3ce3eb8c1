//! A cloud that answers as a test tells it to: what a real one cannot be made to do.
//!
//! What a test does not say is answered as a healthy cloud with one region would.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// The token that the first login gets; the next gets `token-2`.
pub(crate) const TOKEN: &str = "token-1";
pub(crate) const PASSWORD: &str = "correct horse";

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Value,
    /// A body that is no JSON.
    pub(crate) data: Vec<u8>,
    pub(crate) at: Instant,
    /// How many of the same method and path, this one among them, have come.
    pub(crate) times: usize,
    /// The stub's own URL.
    pub(crate) base: String,
}

impl Asked {
    /// Its method and its path without the query.
    pub(crate) fn what(&self) -> String {
        let path = self.path.split('?').next().unwrap();
        format!("{} {path}", self.method)
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.headers.get("x-auth-token").map(String::as_str)
    }
}

/// What is answered.
pub(crate) enum Reply {
    Json(u16, Value),
    /// With further headers.
    With(u16, Vec<(&'static str, String)>, String),
    /// A body of so many bytes, whose length is said or not.
    Large {
        bytes: u64,
        said: bool,
    },
    /// Nothing, while the connection stays open.
    Hang,
    /// The connection ends in the middle of the answer.
    Cut,
}

/// A server's side, with `servercert.pem` and `serverkey.pem` of `dir`.
fn tls(dir: &Path, clients: &Arc<dyn ClientCertVerifier>) -> Arc<ServerConfig> {
    let certificates = CertificateDer::pem_file_iter(dir.join("servercert.pem"))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let key = PrivateKeyDer::from_pem_file(dir.join("serverkey.pem")).unwrap();
    let config = ServerConfig::builder()
        .with_client_cert_verifier(clients.clone())
        .with_single_cert(certificates, key);
    Arc::new(config.unwrap())
}

type Handler = dyn Fn(&Asked) -> Option<Reply> + Send + Sync;

/// The server. It ends with the test program.
pub(crate) struct Stub {
    pub(crate) base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    /// A healthy cloud, except for what `handler` says.
    pub(crate) fn start(handler: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::serve(None, handler)
    }

    /// The same by TLS, with `servercert.pem` and `serverkey.pem` of `dir`.
    pub(crate) fn start_tls(
        dir: &Path,
        handler: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::serve(
            Some(tls(dir, &WebPkiClientVerifier::no_client_auth())),
            handler,
        )
    }

    /// The same, for clients whose certificate is by the authority `cacert.pem` of `dir`.
    pub(crate) fn start_tls_for_clients(dir: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        for authority in CertificateDer::pem_file_iter(dir.join("cacert.pem")).unwrap() {
            roots.add(authority.unwrap()).unwrap();
        }
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build();
        Self::serve(Some(tls(dir, &verifier.unwrap())), |_| None)
    }

    fn serve(
        tls: Option<Arc<ServerConfig>>,
        handler: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let base = format!("{scheme}://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let handler: Arc<Handler> = Arc::new(handler);
        let stub = Self {
            base: base.clone(),
            asked: asked.clone(),
        };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (base, asked, handler) = (base.clone(), asked.clone(), handler.clone());
                let tls = tls.clone();
                thread::spawn(move || {
                    // a peer that leaves is what some tests are about
                    let _ = match tls {
                        None => talk(stream, &base, &asked, &*handler),
                        Some(config) => {
                            let connection = ServerConnection::new(config).unwrap();
                            let stream = StreamOwned::new(connection, stream);
                            talk(stream, &base, &asked, &*handler)
                        }
                    };
                });
            }
        });
        stub
    }

    /// A provider for it.
    pub(crate) fn provider(&self) -> Value {
        json!({
            "driver_name": "openstack",
            "provider_name": "stub",
            "identity_url": self.base,
            "username": "demo",
            "password": PASSWORD,
            "tenant": "web",
        })
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Those for `what`: `GET /compute/v2.1/flavors`.
    pub(crate) fn asked_for(&self, what: &str) -> Vec<Asked> {
        let mut asked = self.asked();
        asked.retain(|one| one.what() == what);
        asked
    }

    /// Waits until somebody has asked for `what`.
    pub(crate) fn wait_for(&self, what: &str) {
        let end = Instant::now() + Duration::from_secs(120);
        while self.asked_for(what).is_empty() {
            assert!(Instant::now() < end, "nobody asks for {what}");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Serves a connection until its end.
fn talk(
    stream: impl Read + Write,
    base: &str,
    asked: &Mutex<Vec<Asked>>,
    handler: &Handler,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(mut request) = read(&mut stream, base)? {
        let mut all = asked.lock().unwrap();
        let same = |one: &&Asked| one.method == request.method && one.path == request.path;
        request.times = 1 + all.iter().filter(same).count();
        all.push(request.clone());
        drop(all);
        let reply = handler(&request).unwrap_or_else(|| healthy(&request));
        answer(stream.get_mut(), reply)?;
    }
    Ok(())
}

fn read(stream: &mut impl BufRead, base: &str) -> io::Result<Option<Asked>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let mut word = || words.next().unwrap_or_default().to_owned();
    let (method, path) = (word(), word());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(Some(Asked {
        method,
        path,
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
        data: body,
        at: Instant::now(),
        times: 0,
        base: base.to_owned(),
    }))
}

fn answer(stream: &mut impl Write, reply: Reply) -> io::Result<()> {
    let ended = || io::Error::from(io::ErrorKind::ConnectionAborted);
    match reply {
        Reply::Json(status, body) => {
            let headers = vec![("Content-Type", "application/json".to_owned())];
            answer(stream, Reply::With(status, headers, body.to_string()))
        }
        Reply::With(status, headers, body) => {
            write!(stream, "HTTP/1.1 {status} Said\r\n")?;
            for (name, value) in headers {
                write!(stream, "{name}: {value}\r\n")?;
            }
            write!(stream, "Content-Length: {}\r\n\r\n{body}", body.len())?;
            stream.flush()
        }
        Reply::Large { bytes, said } => {
            let framing = if said {
                format!("Content-Length: {bytes}")
            } else {
                "Connection: close".to_owned()
            };
            write!(stream, "HTTP/1.1 200 OK\r\n{framing}\r\n\r\n")?;
            let piece = vec![b' '; 1 << 20];
            for _ in 0..bytes.div_ceil(1 << 20) {
                stream.write_all(&piece)?;
            }
            Err(ended())
        }
        Reply::Hang => {
            thread::sleep(Duration::from_secs(3600));
            Err(ended())
        }
        Reply::Cut => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{{")?;
            stream.flush()?;
            Err(ended())
        }
    }
}

/// What a healthy cloud answers.
fn healthy(asked: &Asked) -> Reply {
    let base = &asked.base;
    match asked.what().as_str() {
        "GET /" => Reply::Json(
            300,
            json!({"versions": {"values": [{"id": "v3.14", "status": "stable"}]}}),
        ),
        "POST /v3/auth/tokens" => token(asked),
        "GET /v3/auth/projects" => {
            Reply::Json(200, json!({"projects": [{"id": "p", "name": "web"}]}))
        }
        "GET /compute/v2.1/flavors" => Reply::Json(200, json!({"flavors": []})),
        "GET /compute/v2.1/" => Reply::Json(
            200,
            json!({"version": {"id": "v2.1", "version": "2.93", "links": [{"href": base}]}}),
        ),
        "GET /network/v2.0/networks" => Reply::Json(200, json!({"networks": []})),
        "GET /network/v2.0/subnets" => Reply::Json(200, json!({"subnets": []})),
        _ => Reply::Json(
            404,
            json!({"itemNotFound": {"code": 404, "message": "no such thing"}}),
        ),
    }
}

fn token(asked: &Asked) -> Reply {
    let user = &asked.body["auth"]["identity"]["password"]["user"];
    if user["password"] != PASSWORD {
        let error = json!({"error": {"code": 401, "message": "no", "title": "Unauthorized"}});
        return Reply::Json(401, error);
    }
    let body = json!({"token": {
        "user": {"id": "u", "name": user["name"]},
        "project": {"id": "p", "name": "web"},
        "issued_at": "2026-11-22T07:45:37.000000Z",
        "expires_at": "2026-11-22T08:45:37.000000Z",
        "catalog": catalog(&asked.base),
    }});
    let headers = vec![("X-Subject-Token", format!("token-{}", asked.times))];
    Reply::With(201, headers, body.to_string())
}

/// The catalog of a healthy cloud at `base`.
pub(crate) fn catalog(base: &str) -> Value {
    let service = |kind: &str, url: String| {
        json!({"type": kind, "name": kind, "endpoints": [
            {"id": "e", "interface": "public", "region_id": "RegionOne", "region": "RegionOne", "url": url},
        ]})
    };
    json!([
        service("compute", format!("{base}/compute/v2.1")),
        service("image", format!("{base}/image")),
        service("network", format!("{base}/network")),
    ])
}
