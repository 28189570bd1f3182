# The bot is one static binary: it is built here and runs on an empty image.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/watchbell ./bot && mkdir /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/watchbell /watchbell
COPY --from=build --chown=nonroot:nonroot /out/data /data
ENV DATABASE_URL=sqlite:/data/watchbell.db
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/watchbell"]
CMD ["serve"]
