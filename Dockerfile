# The service, and every other command: docker-compose.yml. Profiles are mounted, never copied in.
# Nothing is written but the home at /data and /tmp, so that the root may be read-only.

# The wheel, built by the locked tools of requirements/dev.txt.
FROM python:3.13.16-slim-trixie AS build
WORKDIR /src
COPY requirements/dev.txt requirements/
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements/dev.txt
COPY pyproject.toml README.md LICENSE scheduler.py ./
COPY archive archive
COPY crawler crawler
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.13.16-slim-trixie
RUN useradd --uid 1000 --no-create-home --home-dir /tmp lianzai && install -d -o lianzai -g lianzai /data
COPY requirements/run.txt /tmp/run.txt
RUN pip install --no-cache-dir --require-hashes --no-deps -r /tmp/run.txt && rm /tmp/run.txt
RUN --mount=from=build,source=/wheels,target=/wheels pip install --no-cache-dir --no-deps --no-index /wheels/*.whl
USER 1000:1000
ENV LIANZAI_HOME=/data HOME=/tmp PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8080
# There is no curl here. A service that cannot do its work (/readyz) is not mended by a restart; one that does not answer is.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=8)"]
ENTRYPOINT ["lianzai"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
