//! The page's program.
fn main() {
    fathom_frontend::app::start();
}
