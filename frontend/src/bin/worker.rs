//! The worker's program.
fn main() {
    fathom_frontend::worker::start();
}
