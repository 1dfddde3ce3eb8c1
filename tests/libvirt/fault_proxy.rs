//! Stands between the program and a daemon's TCP port, counts what the program asks, and breaks or
//! holds the connection at a point that a test chooses. Frames are those of libvirt's RPC: four bytes
//! of length, then program, version, procedure and type (`docs/kbase/internals/rpc.rst`).

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// libvirt's own calls; keepalives are another program.
const REMOTE: u32 = 0x2000_8086;
/// The type of a frame that carries a stream's data.
const STREAM: u32 = 3;

/// When it happens: once, on the way to the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Never,
    /// Once this many frames have passed.
    Frames(usize),
    /// Once the first frame of a stream has passed that is sent by the program.
    Upload,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The connection breaks; later ones work.
    Break,
    /// The connection breaks, and nobody answers any more until [`FaultProxy::release`].
    Vanish,
    /// Nothing passes until [`FaultProxy::release`].
    Hold,
}

#[derive(Debug)]
struct State {
    frames: usize,
    done: bool,
    released: bool,
    gone: bool,
}

#[derive(Debug)]
struct Shared {
    daemon: SocketAddr,
    when: When,
    what: What,
    state: Mutex<State>,
    changed: Condvar,
    reached: Sender<()>,
}

/// The proxy; it ends with the test program.
#[derive(Debug)]
pub(crate) struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    reached: Receiver<()>,
}

impl FaultProxy {
    /// Stands before the daemon at `port` of this machine.
    pub(crate) fn before(port: &str, when: When, what: What) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, reached) = channel();
        let shared = Arc::new(Shared {
            daemon: format!("127.0.0.1:{port}").parse().unwrap(),
            when,
            what,
            state: Mutex::new(State {
                frames: 0,
                done: false,
                released: false,
                gone: false,
            }),
            changed: Condvar::new(),
            reached: sender,
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                thread::spawn(move || shared.serve(client));
            }
        });
        Self {
            address,
            shared,
            reached,
        }
    }

    /// The URI that leads through it.
    pub(crate) fn uri(&self) -> String {
        format!("qemu+tcp://{}/system", self.address)
    }

    /// How many frames the program has sent.
    pub(crate) fn frames(&self) -> usize {
        self.shared.state.lock().unwrap().frames
    }

    /// Waits until it has happened.
    pub(crate) fn reached(&self) {
        self.reached.recv_timeout(Duration::from_secs(60)).unwrap();
    }

    /// Lets everything pass from now on.
    pub(crate) fn release(&self) {
        let mut state = self.shared.state.lock().unwrap();
        state.released = true;
        state.gone = false;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn serve(self: Arc<Self>, client: TcpStream) {
        if self.state.lock().unwrap().gone {
            return; // hangs up, as a daemon does that is going down
        }
        let Ok(daemon) = TcpStream::connect(self.daemon) else {
            return;
        };
        let (Ok(mut from_daemon), Ok(mut to_client)) = (daemon.try_clone(), client.try_clone())
        else {
            return;
        };
        let back = thread::spawn(move || {
            let _ = io::copy(&mut from_daemon, &mut to_client);
            let _ = to_client.shutdown(Shutdown::Both);
        });
        let _ = self.forward(&client, &daemon);
        let _ = client.shutdown(Shutdown::Both);
        let _ = daemon.shutdown(Shutdown::Both);
        let _ = back.join();
    }

    /// Passes frames on until either side ends or the connection is to break.
    fn forward(&self, mut client: &TcpStream, mut daemon: &TcpStream) -> io::Result<()> {
        loop {
            let mut length = [0; 4];
            client.read_exact(&mut length)?;
            let mut frame = vec![0; (u32::from_be_bytes(length) as usize).saturating_sub(4)];
            client.read_exact(&mut frame)?;
            daemon.write_all(&length)?;
            daemon.write_all(&frame)?;
            if !self.passed(&frame) {
                return Ok(());
            }
        }
    }

    /// Counts a frame that has passed; answers whether more may.
    fn passed(&self, frame: &[u8]) -> bool {
        let word = |at: usize| u32::from_be_bytes(frame[at..at + 4].try_into().unwrap());
        if word(0) != REMOTE {
            return true;
        }
        let mut state = self.state.lock().unwrap();
        state.frames += 1;
        let now = match self.when {
            When::Never => false,
            When::Frames(count) => state.frames >= count,
            // A stream's frames that end a download carry no data.
            When::Upload => word(12) == STREAM && frame.len() > 1000,
        };
        if !now || state.done {
            return true;
        }
        state.done = true;
        state.gone = self.what == What::Vanish;
        let _ = self.reached.send(());
        if self.what == What::Hold {
            let _released = self
                .changed
                .wait_while(state, |state| !state.released)
                .unwrap();
            return true;
        }
        false
    }
}
