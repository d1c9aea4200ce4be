# Fathom for NVIDIA devices: everything is built in, only models are fetched at run time.
#
#   docker build --tag fathom --build-arg CUDA_COMPUTE_CAP=90 .
#   docker run --gpus all --publish 127.0.0.1:8080:8080 --volume fathom:/home/fathom fathom
#
# CUDA_COMPUTE_CAP: 80 A100, 86 RTX 30, 89 RTX 40 and L4, 90 H100 and H200, 120 RTX 50.
# FEATURES: `flash-attn` in place of `cuda` fuses attention; it fetches CUTLASS and takes an hour.
ARG CUDA=13.0.1
FROM nvidia/cuda:${CUDA}-devel-ubuntu24.04 AS build
ARG CUDA_COMPUTE_CAP=90
ARG FEATURES=cuda
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential ca-certificates curl git pkg-config \
    && rm -rf /var/lib/apt/lists/* \
    && curl --proto '=https' --tlsv1.2 --silent --show-error --fail https://sh.rustup.rs \
    | sh -s -- -y --profile minimal
ENV PATH=/root/.cargo/bin:$PATH \
    CUDA_COMPUTE_CAP=${CUDA_COMPUTE_CAP} \
    LIBRARY_PATH=/usr/local/cuda/lib64/stubs
WORKDIR /fathom
COPY . .
RUN cargo xtask build --features "${FEATURES}" --output /out

FROM nvidia/cuda:${CUDA}-runtime-ubuntu24.04
RUN useradd --create-home fathom
COPY --from=build /out /opt/fathom
USER fathom
# Models and the database: the one thing to keep.
VOLUME /home/fathom
EXPOSE 8080
ENTRYPOINT ["/opt/fathom/fathom"]
# Any address but this machine's own wants a token, which is printed once.
CMD ["serve", "--addr", "0.0.0.0:8080", "--static", "/opt/fathom/page"]
