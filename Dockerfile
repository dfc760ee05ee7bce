# Crawls series into a home at /data: docker-compose.yml. The profiles are mounted, never copied in.

# The wheel, built by the locked tools of requirements/dev.txt.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements/dev.txt requirements/
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements/dev.txt
COPY pyproject.toml README.md LICENSE scheduler.py ./
COPY archive archive
COPY crawler crawler
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.13-slim
RUN useradd --uid 1000 --create-home lianzai && install -d -o lianzai /data
COPY requirements/run.txt /tmp/run.txt
RUN pip install --no-cache-dir --require-hashes --no-deps -r /tmp/run.txt
COPY --from=build /wheels /tmp/wheels
RUN pip install --no-cache-dir --no-deps --no-index /tmp/wheels/*.whl
USER lianzai
ENV LIANZAI_HOME=/data
VOLUME /data
ENTRYPOINT ["lianzai"]
CMD ["--help"]
