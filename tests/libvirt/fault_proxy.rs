//! Stands between the program and a daemon's TCP port, counts what the program asks, and breaks or
//! holds the connection at a point that a test chooses, or is as slow as a long way. Frames are those of
//! libvirt's RPC: four bytes of length, then program, version, procedure, type, serial and status
//! (`docs/kbase/internals/rpc.rst`).

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// libvirt's own calls; keepalives are another program.
const REMOTE: u32 = 0x2000_8086;
/// The type of a frame that carries a stream's data.
const STREAM: u32 = 3;
/// The status of one that is not the last of its stream.
const CONTINUE: u32 = 2;

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

/// What was asked, and how much of it one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) connections: usize,
    pub(crate) questions: usize,
    /// Questions that were asked only once the one before was answered.
    pub(crate) in_a_row: usize,
    /// The procedures by their numbers, and in which place of the row.
    pub(crate) procedures: Vec<(usize, u32)>,
}

#[allow(clippy::struct_excessive_bools, reason = "each tells of another thing")]
#[derive(Debug, Default)]
struct State {
    frames: usize,
    done: bool,
    released: bool,
    gone: bool,
    held: bool,
    counts: Counts,
    /// The place in the row of what was answered last.
    answered: usize,
    /// The place of each question by its connection and serial.
    places: HashMap<(usize, u32), usize>,
}

/// One of the four bytes of a frame's head.
fn word(frame: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(frame[at..at + 4].try_into().unwrap())
}

fn read_frame(mut from: &TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut frame = vec![0; (u32::from_be_bytes(length) as usize).max(4)];
    frame[..4].copy_from_slice(&length);
    from.read_exact(&mut frame[4..])?;
    Ok(frame)
}

#[derive(Debug)]
struct Shared {
    daemon: SocketAddr,
    when: When,
    what: What,
    /// How long each answer is on its way.
    delay: Duration,
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
        Self::start(port, when, what, Duration::ZERO)
    }

    /// The same as a long way, on which each answer takes `delay`.
    pub(crate) fn far_from(port: &str, delay: Duration) -> Self {
        Self::start(port, When::Never, What::Hold, delay)
    }

    fn start(port: &str, when: When, what: What, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, reached) = channel();
        let shared = Arc::new(Shared {
            daemon: format!("127.0.0.1:{port}").parse().unwrap(),
            when,
            what,
            delay,
            state: Mutex::default(),
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

    /// What was asked since the last time that this was called.
    pub(crate) fn counts(&self) -> Counts {
        let mut state = self.shared.state.lock().unwrap();
        state.answered = 0;
        state.places.clear();
        std::mem::take(&mut state.counts)
    }

    /// Nothing passes from now on until [`FaultProxy::release`].
    pub(crate) fn hold(&self) {
        let mut state = self.shared.state.lock().unwrap();
        (state.held, state.released) = (true, false);
    }

    /// Waits until it has happened.
    pub(crate) fn reached(&self) {
        self.reached.recv_timeout(Duration::from_secs(60)).unwrap();
    }

    /// Lets everything pass from now on.
    pub(crate) fn release(&self) {
        let mut state = self.shared.state.lock().unwrap();
        state.released = true;
        (state.gone, state.held) = (false, false);
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
        let (Ok(from_daemon), Ok(to_client)) = (daemon.try_clone(), client.try_clone()) else {
            return;
        };
        for stream in [&daemon, &client] {
            stream.set_nodelay(true).unwrap();
        }
        let connection = {
            let counts = &mut self.state.lock().unwrap().counts;
            counts.connections += 1;
            counts.connections
        };
        let answers = Arc::clone(&self);
        let back = thread::spawn(move || {
            answers.deliver(connection, from_daemon, &to_client);
            let _ = to_client.shutdown(Shutdown::Both);
        });
        let _ = self.forward(connection, &client, &daemon);
        let _ = client.shutdown(Shutdown::Both);
        let _ = daemon.shutdown(Shutdown::Both);
        let _ = back.join();
    }

    /// Brings answers back, each after its time on the way.
    fn deliver(&self, connection: usize, daemon: TcpStream, mut client: &TcpStream) {
        let (sender, on_the_way) = channel();
        let delay = self.delay;
        thread::spawn(move || {
            while let Ok(frame) = read_frame(&daemon) {
                if sender.send((Instant::now() + delay, frame)).is_err() {
                    return;
                }
            }
        });
        for (due, frame) in on_the_way {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            {
                let state = self.state.lock().unwrap();
                let state = self.changed.wait_while(state, |state| state.held);
                let state = &mut *state.unwrap();
                let place = state.places.get(&(connection, word(&frame, 20)));
                state.answered = state.answered.max(place.copied().unwrap_or(0));
            }
            if client.write_all(&frame).is_err() {
                return;
            }
        }
    }

    /// Passes frames on until either side ends or the connection is to break.
    fn forward(
        &self,
        connection: usize,
        client: &TcpStream,
        mut daemon: &TcpStream,
    ) -> io::Result<()> {
        loop {
            let frame = read_frame(client)?;
            self.count(connection, &frame);
            daemon.write_all(&frame)?;
            if !self.passed(&frame) {
                return Ok(());
            }
        }
    }

    /// Counts a question of the program's.
    fn count(&self, connection: usize, frame: &[u8]) {
        let is_asked = word(frame, 16) != STREAM || word(frame, 24) != CONTINUE;
        if word(frame, 4) != REMOTE || !is_asked {
            return;
        }
        let state = &mut *self.state.lock().unwrap();
        let place = state.answered + 1;
        state.places.insert((connection, word(frame, 20)), place);
        state.counts.questions += 1;
        state.counts.in_a_row = state.counts.in_a_row.max(place);
        state.counts.procedures.push((place, word(frame, 12)));
    }

    /// Counts a frame that has passed; answers whether more may.
    fn passed(&self, frame: &[u8]) -> bool {
        if word(frame, 4) != REMOTE {
            return true;
        }
        let mut state = self.state.lock().unwrap();
        state.frames += 1;
        let now = match self.when {
            When::Never => false,
            When::Frames(count) => state.frames >= count,
            // A stream's frames that end a download carry no data.
            When::Upload => word(frame, 16) == STREAM && frame.len() > 1000,
        };
        let held = state.held;
        if !held && (!now || state.done) {
            return true;
        }
        if !held {
            state.done = true;
            state.gone = self.what == What::Vanish;
            let _ = self.reached.send(());
        }
        if held || self.what == What::Hold {
            let _released = self
                .changed
                .wait_while(state, |state| !state.released)
                .unwrap();
            return true;
        }
        false
    }
}
