//! Volumes: their names, how they are made and removed, what goes into them and comes out.
//!
//! | file | concern |
//! |---|---|
//! | `import` | imports that are under way, told from all else |
//! | `names` | what volumes are called |
//! | `volume` | making, copying, removal |
//! | `stream` | data into a volume and out of it |

pub(super) mod import;
pub(super) mod names;
pub(super) mod stream;
pub(super) mod volume;
