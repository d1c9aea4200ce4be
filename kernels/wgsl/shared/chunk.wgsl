// The chunk of tokens that passes through the model.
struct Chunk {
    tokens: u32, // in this chunk
    start: u32,  // tokens before it
    slice: u32,  // keys per slice, if attention is split
}
