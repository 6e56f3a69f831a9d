# ccmim as an image. Two of them:
#
#   docker build -t ccmim .                        for the CPU
#   docker build -t ccmim:cuda --target cuda .     for an NVIDIA GPU: docker run --gpus all
#
#   docker run --rm --init -v "$PWD:/work" ccmim pretrain --data cifar10 --out runs/first

# CUDA 13, cuDNN 9 and ONNX Runtime with the CUDA provider, out of their Python wheels
FROM python:3.12-slim AS wheels
COPY .github/cuda-requirements.txt /
RUN pip install --no-cache-dir --no-deps --target /cuda -r /cuda-requirements.txt

FROM denoland/deno:debian-2.9.6 AS ccmim
WORKDIR /opt/ccmim
COPY deno.json deno.lock mod.ts LICENSE ./
COPY lib lib
COPY cli cli
# The packages lie beside the command, so a container needs no network
RUN deno install --root /usr/local --global --allow-all --name ccmim --config deno.json cli/main.ts \
  && ccmim --version
WORKDIR /work
ENTRYPOINT ["ccmim"]
CMD ["--help"]

FROM ccmim AS cuda
COPY --from=wheels /cuda /opt/cuda
ENV CCMIM_ORT_LIBRARY=/opt/cuda \
  CCMIM_CUDA_LIBRARIES=/opt/cuda/nvidia \
  NVIDIA_VISIBLE_DEVICES=all \
  NVIDIA_DRIVER_CAPABILITIES=compute,utility

# The last stage is what is built where none is named
FROM ccmim AS cpu
